package org.fissionfusion.runtime;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
 * @param stop says why the worker is asked to stop, once it is; a handler polls it at every step
 */
public record Delivery(
        String key,
        String topic,
        int partition,
        long offset,
        int count,
        long takenAt,
        Consumer<TaskProgress> progress,
        Supplier<Optional<String>> stop) {

    /** How long this worker has had the task. */
    public double seconds() {
        return (System.nanoTime() - takenAt) / 1e9;
    }

    public boolean stopRequested() {
        return stop.get().isPresent();
    }

    /** Why the task is to be handed back, once it is. */
    public Optional<String> stopReason() {
        return stop.get();
    }
}
