package org.fissionfusion.core.view;

import java.time.Instant;

/**
 * The last sign of life of a running task; never part of an experiment's state.
 *
 * @param at when it was sent, by the clock of the worker
 * @param stage what the worker does, e.g. fine-tune or scoring
 * @param epoch 0 before the first step, and always where nothing is trained
 * @param step of {@code steps} in this epoch
 * @param secondsLeft negative when unknown
 */
public record Heartbeat(
        String taskId,
        int attempt,
        String worker,
        Instant at,
        String stage,
        double learningRate,
        int epoch,
        int epochs,
        int step,
        int steps,
        double loss,
        double imagesPerSecond,
        double secondsLeft) {}
