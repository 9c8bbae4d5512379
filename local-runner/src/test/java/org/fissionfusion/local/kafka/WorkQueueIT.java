package org.fissionfusion.local.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.QueueSettings;
import org.fissionfusion.runtime.ShareWorkQueue;
import org.fissionfusion.runtime.StoreOutageException;
import org.fissionfusion.runtime.WorkHandler;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkQueueIT {
    private static final Duration LOCK = Duration.ofSeconds(2);

    @TempDir
    Path folder;

    private final Queue<String> done = new ConcurrentLinkedQueue<>();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private EmbeddedBroker broker;
    private KafkaClients clients;
    private EventPublisher publisher;

    /** What a test lets its workers do. */
    private interface Act {
        Outcome on(EvaluationTask task, Delivery delivery) throws Exception;
    }

    @BeforeEach
    void startBroker() {
        broker = new EmbeddedBroker(folder).start();
        clients = new KafkaClients(
                Map.of("bootstrap.servers", broker.bootstrapServers()), SerdeFactory.bundled(), "test");
        try (Admin admin = clients.admin()) {
            TopicSetup.LOCAL.createMissing(admin);
            TopicSetup.LOCAL.createMissing(admin);
        }
        publisher = new EventPublisher(clients);
    }

    @AfterEach
    void stopBroker() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        publisher.close();
        broker.close();
    }

    @Test
    void doesEveryTaskOnceWhenAWorkerIsKilled() throws Exception {
        // Given
        publish("killed");
        Process crashing = crashingWorker();
        try (BufferedReader out = crashing.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("took killed");
        }
        IntStream.range(0, 9).forEach(i -> publish("task-" + i));
        Act work = (task, delivery) -> {
            Thread.sleep(100);
            done.add(task.getTaskId());
            return Outcome.ACCEPT;
        };
        worker(work);
        worker(work);
        await(() -> done.size() >= 6);

        // When
        crashing.destroyForcibly().waitFor();

        // Then
        await(() -> done.size() >= 10);
        Thread.sleep(LOCK.plusMillis(500));
        assertThat(done).doesNotHaveDuplicates().hasSize(10).contains("killed");
        assertThat(failed).isEmpty();
    }

    @Test
    void keepsATaskThatTakesLongerThanItsLock() throws Exception {
        // Given
        Act slow = (task, delivery) -> {
            Thread.sleep(LOCK.multipliedBy(3));
            done.add(task.getTaskId() + "/" + delivery.count());
            return Outcome.ACCEPT;
        };
        worker(slow);
        worker(slow);

        // When
        publish("slow");

        // Then
        await(() -> !done.isEmpty());
        Thread.sleep(LOCK);
        assertThat(done).containsExactly("slow/1");
    }

    @Test
    void goesOnWithItsTaskWhenTheBrokerRestarts() throws Exception {
        // Given
        AtomicInteger started = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(1);
        Act slow = (task, delivery) -> {
            started.incrementAndGet();
            running.countDown();
            Thread.sleep(Duration.ofSeconds(task.getTaskId().equals("first") ? 8 : 0));
            done.add(task.getTaskId());
            return Outcome.ACCEPT;
        };
        worker(slow);
        publish("first");
        publish("second");
        running.await();

        // When
        broker.close();
        broker.start();

        // Then
        await(() -> done.size() >= 2);
        Thread.sleep(LOCK.plusMillis(500));
        assertThat(done).containsExactly("first", "second");
        assertThat(started).hasValue(2);
    }

    @Test
    void putsPoisonAsideAndGoesOn() throws Exception {
        // Given
        Queue<DeadLetter> letters = new ConcurrentLinkedQueue<>();
        open.add(EventStream.start(
                clients, Topics.DEAD_LETTERS, event -> event.value().ifPresent(letters::add)));
        try (Producer<String, byte[]> producer = clients.producer("poison")) {
            for (Topic<?> topic : List.of(Topics.EVALUATION_TASKS_HIGH, Topics.EVALUATION_TASKS)) {
                producer.send(new ProducerRecord<>(topic.name(), "bad", new byte[] {7, 7, 7}))
                        .get();
            }
        }
        publish("good");

        // When
        worker((task, delivery) -> {
            done.add(task.getTaskId());
            return Outcome.ACCEPT;
        });

        // Then
        await(() -> !done.isEmpty() && letters.size() == 2);
        assertThat(done).containsExactly("good");
        assertThat(letters)
                .extracting(DeadLetter::getOriginTopic)
                .containsExactlyInAnyOrder("evaluation-tasks-high", "evaluation-tasks");
        assertThat(letters).allSatisfy(letter -> {
            assertThat(letter.getOriginKey()).isEqualTo("bad");
            assertThat(letter.getOriginValue().remaining()).isEqualTo(3);
            assertThat(letter.getReason()).contains("wire format");
            assertThat(letter.getStack()).contains("PoisonRecordException");
        });
    }

    @Test
    void waitsForAnOutageAndPublishesAFailureOnce() throws Exception {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        publish("outage");
        publish("broken");

        // When
        worker((task, delivery) -> {
            if (task.getTaskId().equals("broken")) {
                throw new IllegalArgumentException("no such network");
            }
            if (attempts.incrementAndGet() < 3) {
                throw new StoreOutageException("store away", null);
            }
            done.add(task.getTaskId());
            return Outcome.ACCEPT;
        });

        // Then
        await(() -> !failed.isEmpty() && !done.isEmpty());
        assertThat(done).containsExactly("outage");
        assertThat(failed).containsExactly("broken: no such network");
    }

    @Test
    void handsAnUnfinishedTaskBackWhenClosed() throws Exception {
        // Given
        CountDownLatch running = new CountDownLatch(1);
        ShareWorkQueue<EvaluationTask> first = worker((task, delivery) -> {
            running.countDown();
            while (!delivery.stopRequested()) {
                Thread.sleep(20);
            }
            return Outcome.RELEASE;
        });
        publish("handed back");
        running.await();

        // When
        first.close();

        // Then
        worker((task, delivery) -> {
            done.add(task.getTaskId() + "/" + delivery.count());
            return Outcome.ACCEPT;
        });
        await(() -> !done.isEmpty());
        assertThat(done).containsExactly("handed back/2");
    }

    @Test
    void doesTheTasksThatGoFirstBeforeTheOthers() throws Exception {
        // Given a busy worker and both topics filled
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        worker((task, delivery) -> {
            if (task.getTaskId().equals("busy")) {
                running.countDown();
                free.await();
            }
            done.add(task.getTaskId());
            return Outcome.ACCEPT;
        });
        publishFirst("busy");
        running.await();
        publish("usual-1");
        publish("usual-2");
        publishFirst("first-1");
        publishFirst("first-2");

        // When
        free.countDown();

        // Then
        await(() -> done.size() == 5);
        assertThat(done).containsExactly("busy", "first-1", "first-2", "usual-1", "usual-2");
    }

    @Test
    void givesWayToATaskThatGoesFirstAndDoesItsOwnAfterwards() throws Exception {
        // Given
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(1);
        Queue<String> reasons = new ConcurrentLinkedQueue<>();
        worker((task, delivery) -> {
            if (task.getTaskId().equals("usual") && begun.incrementAndGet() == 1) {
                running.countDown();
                while (!delivery.stopRequested()) {
                    Thread.sleep(20);
                }
                reasons.add(delivery.stopReason().orElseThrow());
                return Outcome.RELEASE;
            }
            Thread.sleep(LOCK.plusSeconds(1));
            done.add(task.getTaskId());
            return Outcome.ACCEPT;
        });
        publish("usual");
        running.await();

        // When
        publishFirst("first");

        // Then
        await(() -> done.size() == 2);
        assertThat(done).containsExactly("first", "usual");
        assertThat(reasons).containsExactly("a task of higher priority came");
    }

    @Test
    void leavesUsualTasksToOthersWhileItDoesOneThatGoesFirst() throws Exception {
        // Given a worker that has waited for both kinds, now busy with one that goes first
        CountDownLatch running = new CountDownLatch(2);
        CountDownLatch free = new CountDownLatch(1);
        Act work = (task, delivery) -> {
            if (task.getTaskId().startsWith("busy")) {
                running.countDown();
                free.await();
            }
            done.add(task.getTaskId() + "/" + delivery.count());
            return Outcome.ACCEPT;
        };
        worker(work);
        worker(work);
        publish("warm-1");
        publish("warm-2");
        await(() -> done.size() == 2);
        publishFirst("busy-1");
        publishFirst("busy-2");
        running.await();

        // When a usual task comes and a third worker is free
        publish("usual");
        worker(work);

        // Then
        await(() -> done.stream().anyMatch(id -> id.startsWith("usual/")));
        free.countDown();
        await(() -> done.contains("busy-1/1") && done.contains("busy-2/1"));
    }

    private ShareWorkQueue<EvaluationTask> worker(Act act) {
        ShareWorkQueue<EvaluationTask> queue = ShareWorkQueue.start(
                clients,
                publisher,
                new QueueSettings<>(
                        Topics.EVALUATION_TASKS,
                        Optional.of(Topics.EVALUATION_TASKS_HIGH),
                        "evaluators",
                        LOCK,
                        QueueSettings.DEFAULT_DELIVERY_LIMIT),
                new WorkHandler<>() {
                    @Override
                    public Outcome handle(EvaluationTask task, Delivery delivery) throws Exception {
                        return act.on(task, delivery);
                    }

                    @Override
                    public TaskProgress waiting(EvaluationTask task) {
                        return Tasks.waiting(task);
                    }

                    @Override
                    public void publishFailure(EvaluationTask task, Delivery delivery, Throwable cause) {
                        failed.add(task.getTaskId() + ": " + cause.getMessage());
                    }
                });
        open.add(queue);
        return queue;
    }

    private void publish(String id) {
        publisher.publish(Topics.EVALUATION_TASKS, id, Tasks.named(id));
    }

    private void publishFirst(String id) {
        publisher.publish(Topics.EVALUATION_TASKS_HIGH, id, Tasks.named(id));
    }

    private Process crashingWorker() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        classPath,
                        CrashingWorker.class.getName(),
                        broker.bootstrapServers(),
                        "evaluators")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        open.add(process::destroyForcibly);
        return process;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(50);
        }
        assertThat(condition.getAsBoolean()).as("within 30 s").isTrue();
    }
}
