package org.fissionfusion.core.request;

/** AdamW. With {@code spareNormsAndBiases} BatchNorm, LayerNorm and biases do not decay. */
public record Optimizer(double weightDecay, double beta1, double beta2, double epsilon, boolean spareNormsAndBiases) {}
