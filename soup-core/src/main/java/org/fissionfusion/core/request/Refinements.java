package org.fissionfusion.core.request;

import java.util.OptionalDouble;

/** What training may do beyond the paper's; all of it is off by default and in the paper preset. */
public record Refinements(
        Precision precision,
        MemoryFormat memoryFormat,
        Regularisation regularisation,
        Balance balance,
        Updates updates) {
    /** None. */
    public static final Refinements PAPER = new Refinements(
            Precision.FP32,
            MemoryFormat.CONTIGUOUS,
            new Regularisation(0, 0, 0),
            new Balance(false, false, 0),
            new Updates(OptionalDouble.empty(), 1, OptionalDouble.empty(), 1));

    /** In which numbers convolutions and matrix products are computed. */
    public enum Precision {
        FP32("fp32"),
        TF32("tf32"),
        BF16("bf16");

        private final String wireName;

        Precision(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests. */
        public String wireName() {
            return wireName;
        }
    }

    /** How activations lie in memory. */
    public enum MemoryFormat {
        CONTIGUOUS("contiguous"),
        CHANNELS_LAST("channels-last");

        private final String wireName;

        MemoryFormat(String wireName) {
            this.wireName = wireName;
        }

        /** Of a request that names none: the paper's, and the one in which bfloat16 is fast. */
        public static MemoryFormat usual(Precision precision) {
            return precision == Precision.BF16 ? CHANNELS_LAST : CONTIGUOUS;
        }

        /** The name in requests. */
        public String wireName() {
            return wireName;
        }
    }

    /** Probabilities of skipping the last block and of zeroing a feature; the part of a target that is spread. */
    public record Regularisation(double stochasticDepth, double dropout, double labelSmoothing) {}

    /** Against unequal classes: weighted loss, balanced drawing, a factor of the log frequencies on the logits. */
    public record Balance(boolean classWeighted, boolean balancedSampler, double logitAdjustment) {}

    /** Greatest gradient norm, parts of a batch, decay of the moving average, rate factor from layer to layer. */
    public record Updates(
            OptionalDouble gradientClip, int accumulate, OptionalDouble averageDecay, double layerDecay) {}
}
