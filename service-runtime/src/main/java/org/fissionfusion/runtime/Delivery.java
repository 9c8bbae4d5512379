package org.fissionfusion.runtime;

import java.util.function.BooleanSupplier;

/**
 * One delivery of a task to a worker.
 *
 * @param key key of the record: the task id
 * @param topic the work queue
 * @param partition of the queue
 * @param offset of the record
 * @param count how often the record was delivered, this time included
 * @param stop true once the worker is asked to stop; a handler polls it at every step
 */
public record Delivery(String key, String topic, int partition, long offset, int count, BooleanSupplier stop) {

    public boolean stopRequested() {
        return stop.getAsBoolean();
    }
}
