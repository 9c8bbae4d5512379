package org.fissionfusion.evaluator;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.runtime.ControlTable;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topics;

/** The reports of a service that is connected to Kafka. */
record KafkaReports(KafkaClients clients, EventPublisher publisher, ControlTable control)
        implements Reports, SealedSplits.Selection {

    @Override
    public Order order(String experimentId) {
        if (control.isCancelled(experimentId)) {
            return Order.CANCELLED;
        }
        return control.isPaused(experimentId) ? Order.PAUSED : Order.WORK;
    }

    @Override
    public boolean closed(String experimentId, Duration patience) {
        return control.await(experimentId, row -> row.getSelectionClosed() != null, patience);
    }

    @Override
    public void result(TaskResult result) {
        publisher.publish(Topics.RESULTS, result.getExperimentId(), result);
    }

    @Override
    public void progress(TaskProgress progress) {
        publisher.offer(Topics.PROGRESS, progress.getExperimentId(), progress);
    }

    @Override
    public void deadLetter(EvaluationTask task, Delivery delivery, Throwable cause) {
        byte[] value = clients.valuesOf(Topics.EVALUATION_TASKS).serializer().serialize(delivery.topic(), task);
        publisher.deadLetter(
                new ConsumerRecord<>(delivery.topic(), delivery.partition(), delivery.offset(), delivery.key(), value),
                String.valueOf(cause.getMessage()),
                cause);
    }
}
