package org.fissionfusion.runtime;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.fissionfusion.events.TaskProgress;

/**
 * Deliveries without a broker.
 *
 * @param progress what was reported of the tasks
 */
public record Deliveries(String topic, List<TaskProgress> progress) {
    public Deliveries(String topic) {
        this(topic, new CopyOnWriteArrayList<>());
    }

    public Delivery of(String taskId) {
        return of(taskId, () -> false);
    }

    public Delivery of(String taskId, BooleanSupplier stop) {
        return new Delivery(
                taskId,
                topic,
                0,
                3,
                1,
                System.nanoTime(),
                progress::add,
                () -> stop.getAsBoolean() ? Optional.of("stopped by a test") : Optional.empty());
    }
}
