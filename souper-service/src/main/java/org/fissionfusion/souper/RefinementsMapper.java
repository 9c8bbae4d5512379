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

    /**
     * @param spec null in events that know no options
     * @throws IllegalArgumentException naming the key when a choice is unknown to this version
     */
    static Refinements fromEvent(Precision wanted, RefinementSpec spec) {
        Refinements.Precision precision =
                RequestMapper.known("training.precision", Refinements.Precision.class, wanted);
        Refinements paper = Refinements.PAPER;
        if (spec == null) {
            return new Refinements(
                    precision, paper.memoryFormat(), paper.regularisation(), paper.balance(), paper.updates());
        }
        return new Refinements(
                precision,
                RequestMapper.known("training.memoryFormat", Refinements.MemoryFormat.class, spec.getMemoryFormat()),
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
