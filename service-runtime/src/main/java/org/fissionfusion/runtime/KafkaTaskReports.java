package org.fissionfusion.runtime;

import org.fissionfusion.events.TaskResult;
import org.fissionfusion.schemas.Topics;

/** The reports of a worker that is connected to Kafka. */
record KafkaTaskReports(EventPublisher publisher, ControlTable control) implements TaskReports {

    @Override
    public Order order(String experimentId, String queue) {
        if (control.isCancelled(experimentId)) {
            return Order.CANCELLED;
        }
        if (control.isPaused(experimentId)) {
            return Order.PAUSED;
        }
        boolean moved = control.hasHighPriority(experimentId) && !Topics.isHighPriority(queue);
        return moved ? Order.MOVED : Order.WORK;
    }

    @Override
    public void result(TaskResult result) {
        publisher.publish(Topics.RESULTS, result.getExperimentId(), result);
    }
}
