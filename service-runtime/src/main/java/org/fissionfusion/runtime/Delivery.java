package org.fissionfusion.runtime;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.fissionfusion.events.TaskProgress;

/**
 * One delivery of a task to a worker.
 *
 * @param key key of the record: the task id
 * @param topic the work queue
 * @param partition of the queue
 * @param offset of the record
 * @param count how often the record was delivered, this time included
 * @param takenAt when this worker took it, as {@link System#nanoTime}
 * @param progress replaces what the heartbeats of the task say
 * @param stop true once the worker is asked to stop; a handler polls it at every step
 */
public record Delivery(
        String key,
        String topic,
        int partition,
        long offset,
        int count,
        long takenAt,
        Consumer<TaskProgress> progress,
        BooleanSupplier stop) {

    /** How long this worker has had the task. */
    public double seconds() {
        return (System.nanoTime() - takenAt) / 1e9;
    }

    public boolean stopRequested() {
        return stop.getAsBoolean();
    }
}
