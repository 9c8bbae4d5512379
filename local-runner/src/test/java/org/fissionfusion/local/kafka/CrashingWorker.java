package org.fissionfusion.local.kafka;

import java.time.Duration;
import java.util.Map;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.QueueSettings;
import org.fissionfusion.runtime.ShareWorkQueue;
import org.fissionfusion.runtime.WorkHandler;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;

/** A worker in a process of its own that takes one task, says so and never ends it. Arguments: bootstrap, group. */
final class CrashingWorker {
    private CrashingWorker() {}

    public static void main(String[] args) throws InterruptedException {
        KafkaClients clients =
                new KafkaClients(Map.of("bootstrap.servers", args[0]), SerdeFactory.bundled(), "crashing");
        EventPublisher publisher = new EventPublisher(clients);
        QueueSettings<EvaluationTask> settings =
                new QueueSettings<>(Topics.EVALUATION_TASKS, args[1], Duration.ofSeconds(2));
        ShareWorkQueue.start(clients, publisher, settings, new WorkHandler<>() {
            @Override
            public Outcome handle(EvaluationTask task, Delivery delivery) throws InterruptedException {
                System.out.println("took " + task.getTaskId());
                Thread.sleep(Duration.ofMinutes(5));
                return Outcome.RELEASE;
            }

            @Override
            public TaskProgress waiting(EvaluationTask task) {
                return Tasks.waiting(task);
            }

            @Override
            public void publishFailure(EvaluationTask task, Delivery delivery, Throwable cause) {
                throw new IllegalStateException(cause);
            }
        });
        Thread.sleep(Duration.ofMinutes(5));
    }
}
