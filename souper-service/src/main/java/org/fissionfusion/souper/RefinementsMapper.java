package org.fissionfusion.souper;

import java.util.OptionalDouble;
import org.fissionfusion.core.request.Refinements;
import org.fissionfusion.events.MemoryFormat;
import org.fissionfusion.events.Precision;
import org.fissionfusion.events.RefinementSpec;

/** Options of training as events and as domain records, both ways. */
final class RefinementsMapper {
    private RefinementsMapper() {}

    static Precision precision(Refinements refinements) {
        return Precision.valueOf(refinements.precision().name());
    }

    static RefinementSpec toEvent(Refinements refinements) {
        Refinements.Regularisation regularisation = refinements.regularisation();
        Refinements.Balance balance = refinements.balance();
        Refinements.Updates updates = refinements.updates();
        return new RefinementSpec(
                MemoryFormat.valueOf(refinements.memoryFormat().name()),
                regularisation.stochasticDepth(),
                regularisation.dropout(),
                regularisation.labelSmoothing(),
                balance.classWeighted(),
                balance.balancedSampler(),
                balance.logitAdjustment(),
                orNull(updates.gradientClip()),
                updates.accumulate(),
                orNull(updates.averageDecay()),
                updates.layerDecay());
    }

    /** @param spec null in events of before there were options */
    static Refinements fromEvent(Precision precision, RefinementSpec spec) {
        if (spec == null) {
            return Refinements.PAPER;
        }
        return new Refinements(
                Refinements.Precision.valueOf(precision.name()),
                Refinements.MemoryFormat.valueOf(spec.getMemoryFormat().name()),
                new Refinements.Regularisation(spec.getStochasticDepth(), spec.getDropout(), spec.getLabelSmoothing()),
                new Refinements.Balance(spec.getClassWeighted(), spec.getBalancedSampler(), spec.getLogitAdjustment()),
                new Refinements.Updates(
                        optional(spec.getGradientClip()),
                        spec.getAccumulate(),
                        optional(spec.getAverageDecay()),
                        spec.getLayerDecay()));
    }

    private static Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
