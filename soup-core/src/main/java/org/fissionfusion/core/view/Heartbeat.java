package org.fissionfusion.core.view;

/**
 * The last sign of life of a running task; never part of an experiment's state.
 *
 * @param step of {@code steps} in this epoch
 * @param secondsLeft negative when unknown
 */
public record Heartbeat(
        String taskId,
        int attempt,
        String worker,
        double learningRate,
        int epoch,
        int epochs,
        int step,
        int steps,
        double loss,
        double imagesPerSecond,
        double secondsLeft) {}
