package org.fissionfusion.vision.training;

/**
 * After one step.
 *
 * @param epoch counted from 1
 * @param step of the epoch, counted from 1
 * @param imagesPerSecond of this epoch so far
 * @param secondsLeft estimate for the rest of the run, validation not counted
 */
public record StepProgress(
        int epoch,
        int epochs,
        int step,
        int steps,
        double learningRate,
        double loss,
        double imagesPerSecond,
        double secondsLeft) {}
