package org.fissionfusion.core.request;

/** Training of the head alone; {@code frozenBatchNorm} keeps the running statistics as they are. */
public record LinearProbe(int epochs, double learningRate, Augmentation augmentation, boolean frozenBatchNorm) {}
