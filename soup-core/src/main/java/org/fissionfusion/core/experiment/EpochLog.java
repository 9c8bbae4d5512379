package org.fissionfusion.core.experiment;

/** One epoch of a training log; {@code learningRate} is the rate at its end. */
public record EpochLog(
        int epoch,
        double learningRate,
        double trainLoss,
        double validationLoss,
        double validationAccuracy,
        double seconds,
        long images) {}
