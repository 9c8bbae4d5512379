package org.fissionfusion.vision.training;

/**
 * AdamW (Loshchilov and Hutter 2019).
 *
 * @param spareNormsAndBiases true: BatchNorm, LayerNorm and biases do not decay
 */
public record OptimizerSettings(
        double weightDecay, double beta1, double beta2, double epsilon, boolean spareNormsAndBiases) {
    /** PyTorch's defaults, every parameter decays: the paper's. */
    public static final OptimizerSettings PAPER = new OptimizerSettings(0.01, 0.9, 0.999, 1e-8, false);

    public OptimizerSettings {
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", weightDecay);
        require(beta1 >= 0 && beta1 < 1, "beta1", beta1);
        require(beta2 >= 0 && beta2 < 1, "beta2", beta2);
        require(epsilon > 0 && Double.isFinite(epsilon), "epsilon", epsilon);
    }

    private static void require(boolean valid, String key, double value) {
        if (!valid) {
            throw new IllegalArgumentException(key + ": " + value + " is out of range");
        }
    }
}
