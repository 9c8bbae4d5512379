package org.fissionfusion.vision.model;

/**
 * How a network computes in training, apart from what it computes.
 *
 * @param stochasticDepth probability that an image skips the last block (Huang et al. 2016), falling linearly to zero at
 *     the first, as timm has it
 * @param dropout probability that a feature is zeroed before the head
 */
public record Computation(Precision precision, MemoryFormat memoryFormat, double stochasticDepth, double dropout) {
    /** Float32, contiguous, nothing dropped: the paper's. */
    public static final Computation PAPER = new Computation(Precision.FP32, MemoryFormat.CONTIGUOUS, 0, 0);

    /** Float32, nothing dropped, and on the host channels last, in which convolutions are faster there: all scoring's. */
    public static Computation scoring() {
        return TorchEngine.onHost() ? new Computation(Precision.FP32, MemoryFormat.CHANNELS_LAST, 0, 0) : PAPER;
    }

    public Computation {
        require("stochasticDepth", stochasticDepth);
        require("dropout", dropout);
    }

    private static void require(String key, double probability) {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException(key + ": " + probability + "; allowed: a number from 0 to below 1");
        }
    }
}
