package org.fissionfusion.core.request;

import java.util.List;
import java.util.OptionalDouble;
import org.fissionfusion.core.request.Refinements.MemoryFormat;
import org.fissionfusion.core.request.Refinements.Precision;

/** Reads the keys of {@code training} that go beyond the paper. */
final class RefinementsReader {
    private static final String PROBABILITY = "allowed: a number from 0 to below 1";
    private static final double BELOW_ONE = RefinementRules.BELOW_ONE;

    private RefinementsReader() {}

    static Refinements read(Section training) {
        Precision precision =
                training.choice("precision", List.of(Precision.values()), Precision::wireName, Precision.FP32);
        return new Refinements(
                precision,
                training.choice(
                        "memoryFormat",
                        List.of(MemoryFormat.values()),
                        MemoryFormat::wireName,
                        MemoryFormat.usual(precision)),
                new Refinements.Regularisation(
                        training.number("stochasticDepth", 0, 0, BELOW_ONE, PROBABILITY),
                        training.number("dropout", 0, 0, BELOW_ONE, PROBABILITY),
                        training.number("labelSmoothing", 0, 0, BELOW_ONE, PROBABILITY)),
                new Refinements.Balance(
                        training.flag("classWeighted", false),
                        training.flag("balancedSampler", false),
                        training.number(
                                "logitAdjustment",
                                0,
                                0,
                                RefinementRules.MOST_LOGIT_ADJUSTMENT,
                                "allowed: a number from 0 to 10")),
                new Refinements.Updates(
                        training.has("gradientClip")
                                ? OptionalDouble.of(training.positive("gradientClip", 1))
                                : OptionalDouble.empty(),
                        training.whole("accumulate", 1, 1, RequestRules.MOST_BATCH),
                        training.has("averageDecay")
                                ? OptionalDouble.of(training.number(
                                        "averageDecay",
                                        0.999,
                                        Double.MIN_VALUE,
                                        BELOW_ONE,
                                        "allowed: a number above 0 and below 1"))
                                : OptionalDouble.empty(),
                        training.number(
                                "layerDecay", 1, Double.MIN_VALUE, 1, "allowed: a number above 0 and at most 1")));
    }
}
