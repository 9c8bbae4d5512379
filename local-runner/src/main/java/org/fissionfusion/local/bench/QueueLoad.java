package org.fissionfusion.local.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.QueueSettings;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ShareWorkQueue;
import org.fissionfusion.runtime.WorkHandler;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;

/**
 * Many workers on one broker, each with the queue client of a real one, whose tasks only sleep: how near they come to
 * never waiting for each other, and how long the task of a worker that was killed waits for the next one.
 *
 * @param workers in this process
 * @param tasks of all together
 * @param task how long each sleeps
 * @param kills of a worker in a process of its own
 */
record QueueLoad(int workers, int tasks, Duration task, int kills) {
    private static final String GROUP = "evaluators";

    /** A worker that was killed is missed by the broker when its connections break, not when its lock ends. */
    private static final Duration LOCK = ServiceConfig.DEFAULT_LOCK;

    List<Figure> measure(Path folder) throws Exception {
        try (EmbeddedBroker broker = new EmbeddedBroker(folder.resolve("kafka")).start()) {
            KafkaClients clients = clients(broker.bootstrapServers());
            try (Admin admin = clients.admin();
                    EventPublisher publisher = new EventPublisher(clients)) {
                TopicSetup.LOCAL.createMissing(admin);
                List<Figure> figures = new ArrayList<>(throughput(clients, publisher));
                figures.addAll(handOver(clients, publisher, broker.bootstrapServers()));
                return figures;
            }
        }
    }

    static KafkaClients clients(String brokers) {
        return new KafkaClients(Map.of("bootstrap.servers", brokers), SerdeFactory.bundled(), "bench");
    }

    private List<Figure> throughput(KafkaClients clients, EventPublisher publisher) throws Exception {
        Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger warm = new AtomicInteger();
        AtomicLong last = new AtomicLong();
        Sleeper sleeper = new Sleeper((id, delivery) -> {
            if (id.startsWith("warm")) {
                warm.incrementAndGet();
                Thread.sleep(Duration.ofSeconds(2)); // so that every worker gets one
                return;
            }
            Thread.sleep(task);
            done.computeIfAbsent(id, _ -> new AtomicInteger()).incrementAndGet();
            last.set(System.nanoTime());
            ended.incrementAndGet();
        });
        List<ShareWorkQueue<EvaluationTask>> all = new ArrayList<>();
        try {
            for (int i = 0; i < workers; i++) {
                all.add(ShareWorkQueue.start(clients, publisher, settings(), sleeper));
            }
            publish(publisher, "warm", workers);
            SouperLoad.await(warm, workers);
            Thread.sleep(Duration.ofSeconds(3));
            long begun = System.nanoTime();
            publish(publisher, "task", tasks);
            SouperLoad.await(ended, tasks);
            double wall = (last.get() - begun) / 1e9;
            Thread.sleep(Duration.ofSeconds(2)); // for tasks that are done twice
            double ideal = Math.ceilDiv(tasks, workers) * (task.toNanos() / 1e9);
            long notOnce = tasks
                    - done.values().stream().filter(count -> count.get() == 1).count();
            return List.of(
                    Figure.of(
                                    "queue, %,d tasks of %.1f s, %d workers: share of the ideal"
                                            .formatted(tasks, task.toNanos() / 1e9, workers),
                                    ideal / wall,
                                    "")
                            .atLeast(0.95),
                    Figure.of("  tasks not done exactly once", (double) notOnce, "tasks")
                            .atMost(0));
        } finally {
            closeTogether(all);
        }
    }

    private List<Figure> handOver(KafkaClients clients, EventPublisher publisher, String brokers) throws Exception {
        BlockingQueue<Long> taken = new LinkedBlockingQueue<>();
        double longest = 0;
        for (int i = 0; i < kills; i++) {
            String id = "orphan-" + i;
            Process victim = new ProcessBuilder(command(brokers))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var said = victim.inputReader()) {
                publisher.publish(Topics.EVALUATION_TASKS, id, named(id));
                if (!id.equals(said.readLine())) {
                    throw new IllegalStateException("the worker did not take " + id);
                }
                var heir = ShareWorkQueue.start(clients, publisher, settings(), new Sleeper((orphan, _) -> {
                    if (orphan.equals(id)) {
                        taken.add(System.nanoTime());
                    }
                }));
                try (heir) {
                    Thread.sleep(Duration.ofSeconds(3)); // until it waits for tasks
                    long killed = System.nanoTime();
                    victim.destroyForcibly();
                    Long at = taken.poll(LOCK.toSeconds() * 2, TimeUnit.SECONDS);
                    if (at == null) {
                        throw new TimeoutException("nobody took " + id);
                    }
                    longest = Math.max(longest, (at - killed) / 1e9);
                }
            } finally {
                victim.destroyForcibly().waitFor();
            }
        }
        return List.of(Figure.of("  until a killed worker's task is taken, longest of " + kills, longest, "s")
                .atMost(2));
    }

    private static List<String> command(String brokers) {
        List<String> command = new ArrayList<>(TimedProcess.javaCommand(Victim.class));
        command.add(brokers);
        return command;
    }

    private static QueueSettings<EvaluationTask> settings() {
        return new QueueSettings<>(
                Topics.EVALUATION_TASKS,
                Optional.of(Topics.EVALUATION_TASKS_HIGH),
                GROUP,
                LOCK,
                QueueSettings.DEFAULT_DELIVERY_LIMIT);
    }

    private static void publish(EventPublisher publisher, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            publisher.offer(Topics.EVALUATION_TASKS, prefix + "-" + i, named(prefix + "-" + i));
        }
        publisher.flush();
    }

    private static void closeTogether(List<ShareWorkQueue<EvaluationTask>> all) throws InterruptedException {
        List<Thread> closing = all.stream()
                .map(queue -> Thread.ofVirtual().start(queue::close))
                .toList();
        for (Thread thread : closing) {
            thread.join();
        }
    }

    private static EvaluationTask named(String id) {
        return EvaluationTask.newBuilder()
                .setExperimentId("bench")
                .setTaskId(id)
                .setAttempt(1)
                .setArchitecture("resnet20")
                .setClasses(2)
                .setClassNames(List.of("a", "b"))
                .setImageSize(32)
                .setMean(List.of())
                .setStd(List.of())
                .setMetric(MetricName.MACRO_F1)
                .setBootstrapResamples(1)
                .setBootstrapSeed(1)
                .setWork(new Comparing(List.of(), List.of()))
                .build();
    }

    /** What a worker says before it has done anything. */
    static TaskProgress waiting(EvaluationTask task) {
        return new TaskProgress(
                task.getExperimentId(),
                task.getTaskId(),
                task.getAttempt(),
                "bench",
                "comparing",
                0.0,
                0,
                0,
                0,
                0,
                0.0,
                0.0,
                -1.0,
                false);
    }

    /** A worker whose tasks only take time. */
    private record Sleeper(Work work) implements WorkHandler<EvaluationTask> {
        private interface Work {
            void on(String taskId, Delivery delivery) throws Exception;
        }

        @Override
        public Outcome handle(EvaluationTask task, Delivery delivery) throws Exception {
            work.on(task.getTaskId(), delivery);
            return Outcome.ACCEPT;
        }

        @Override
        public TaskProgress waiting(EvaluationTask task) {
            return QueueLoad.waiting(task);
        }

        @Override
        public void publishFailure(EvaluationTask task, Delivery delivery, Throwable cause) {
            throw new IllegalStateException("sleeping failed", cause);
        }
    }

    /** A process that takes one task, says so and never ends it. Argument: the brokers. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws InterruptedException {
            KafkaClients clients = clients(arguments[0]);
            ShareWorkQueue.start(clients, new EventPublisher(clients), settings(), new Sleeper((id, _) -> {
                System.out.println(id);
                Thread.sleep(Duration.ofHours(1));
            }));
            Thread.sleep(Duration.ofHours(1));
        }
    }
}
