package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A work queue on a Kafka share group (KIP-932): one partition, any number of workers, one record at a time each.
 *
 * <p>While a task runs its record's lock is renewed every third of the lock. When the lock is lost all the same (the
 * broker restarted) the task goes on: a new delivery of the same record to this worker is adopted; one of another record
 * is handed back, and this worker takes nothing until its task has ended.
 */
public final class ShareWorkQueue<T extends SpecificRecord> implements WorkQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ShareWorkQueue.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration SLICE = Duration.ofMillis(50);
    private static final Duration COMMIT = Duration.ofSeconds(10);
    private static final Duration LAST_COMMIT = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    /** A worker that is stopped hands its task back within ten seconds, closing included. */
    private static final Duration STOP_GRACE = Duration.ofSeconds(5);

    private static final int REMEMBERED = 256;

    private final TaskRun.Work<T> work;
    private final Map<Position, Outcome> ended = new LinkedHashMap<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile Optional<TaskRun<T>> running = Optional.empty();
    private volatile Throwable fault;

    private record Position(int partition, long offset) {
        static Position of(ConsumerRecord<?, ?> record) {
            return new Position(record.partition(), record.offset());
        }
    }

    private ShareWorkQueue(TaskRun.Work<T> work) {
        this.work = work;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("queue-" + work.settings().topic().name())
                .unstarted(this::run);
    }

    /** Configures the share group and starts to take tasks. */
    public static <T extends SpecificRecord> ShareWorkQueue<T> start(
            KafkaClients clients, EventPublisher publisher, QueueSettings<T> settings, WorkHandler<T> handler) {
        configureGroup(clients, settings);
        ShareWorkQueue<T> queue = new ShareWorkQueue<>(new TaskRun.Work<>(clients, publisher, settings, handler));
        queue.thread.start();
        return queue;
    }

    private static void configureGroup(KafkaClients clients, QueueSettings<?> settings) {
        try (Admin admin = clients.admin()) {
            ShareGroup group = ShareGroup.of(settings);
            group.setMissing(admin);
            group.differences(admin)
                    .forEach(difference -> LOG.atWarn()
                            .addKeyValue("group", settings.group())
                            .addKeyValue("setting", difference.setting())
                            .addKeyValue("found", difference.found())
                            .addKeyValue("declared", difference.declared())
                            .log("the site has set up the share group in another way"));
        }
    }

    private void run() {
        String topic = work.settings().topic().name();
        ShareConsumer<String, byte[]> consumer =
                work.clients().shareConsumer("queue-" + topic, work.settings().group());
        try {
            consumer.subscribe(List.of(topic));
            while (!closing) {
                for (ConsumerRecord<String, byte[]> record : ShareFetches.poll(consumer, POLL)) {
                    take(consumer, record);
                }
            }
        } catch (Throwable e) {
            if (!closing) {
                fault = e;
                LOG.atError().addKeyValue("topic", topic).setCause(e).log("a worker stopped taking tasks");
            }
        } finally {
            consumer.close(CLOSING);
        }
    }

    private void take(ShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record)
            throws InterruptedException {
        if (closing) {
            acknowledge(consumer, record, AcknowledgeType.RELEASE);
            return;
        }
        if (ended.get(Position.of(record)) == Outcome.ACCEPT) {
            acknowledge(consumer, record, AcknowledgeType.ACCEPT); // done here, but the broker had not heard of it
            return;
        }
        TaskRun<T> run = new TaskRun<>(work, record);
        running = Optional.of(run);
        try {
            run.start();
            Optional<ConsumerRecord<String, byte[]>> held = supervise(consumer, run);
            remember(run);
            AcknowledgeType type = run.outcome() == Outcome.ACCEPT ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE;
            held.ifPresent(each -> acknowledge(consumer, each, type));
            if (run.fault().isPresent()) {
                throw new IllegalStateException(
                        "neither the task nor its failure could be handled",
                        run.fault().get());
            }
        } finally {
            running = Optional.empty();
        }
    }

    /**
     * Waits for the end of the task.
     *
     * @return its record, if this worker still holds it
     */
    private Optional<ConsumerRecord<String, byte[]>> supervise(ShareConsumer<String, byte[]> consumer, TaskRun<T> run)
            throws InterruptedException {
        Optional<ConsumerRecord<String, byte[]>> held = Optional.of(run.record());
        boolean takeMore = true;
        long nextRenewal = System.nanoTime() + renewEvery(consumer).toNanos();
        long giveUp = Long.MAX_VALUE;
        while (!run.awaitEnd(SLICE)) {
            if (closing && giveUp == Long.MAX_VALUE) {
                run.requestStop();
                giveUp = System.nanoTime() + STOP_GRACE.toNanos();
            }
            if (System.nanoTime() > giveUp) {
                run.interrupt();
                return held;
            }
            if (held.isPresent() && System.nanoTime() >= nextRenewal) {
                held = renewed(consumer, held.get());
                nextRenewal = System.nanoTime() + renewEvery(consumer).toNanos();
            } else if (held.isEmpty() && takeMore && !closing) {
                for (ConsumerRecord<String, byte[]> other : ShareFetches.poll(consumer, POLL)) {
                    if (Position.of(other).equals(Position.of(run.record()))) {
                        held = Optional.of(other);
                        nextRenewal = System.nanoTime() + renewEvery(consumer).toNanos();
                        LOG.atInfo()
                                .addKeyValue("taskId", other.key())
                                .log("a new delivery of the running task was adopted");
                    } else {
                        acknowledge(consumer, other, AcknowledgeType.RELEASE);
                        takeMore = false;
                    }
                }
            }
        }
        return held;
    }

    private Duration renewEvery(ShareConsumer<String, byte[]> consumer) {
        return consumer.acquisitionLockTimeoutMs()
                .map(millis -> Duration.ofMillis(millis))
                .orElse(work.settings().lock())
                .dividedBy(3);
    }

    /** Renews the lock; the next poll then returns the record again. */
    private Optional<ConsumerRecord<String, byte[]>> renewed(
            ShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record) {
        if (!acknowledge(consumer, record, AcknowledgeType.RENEW)) {
            return Optional.empty();
        }
        for (int attempt = 0; attempt < 4; attempt++) {
            for (ConsumerRecord<String, byte[]> again : ShareFetches.poll(consumer, POLL)) {
                if (Position.of(again).equals(Position.of(record))) {
                    return Optional.of(again);
                }
                acknowledge(consumer, again, AcknowledgeType.RELEASE);
            }
        }
        return Optional.empty();
    }

    /** @return false when the broker did not take it: the lock was lost */
    private boolean acknowledge(
            ShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record, AcknowledgeType type) {
        Optional<KafkaException> failure;
        try {
            consumer.acknowledge(record, type);
            Map<?, Optional<KafkaException>> answers = consumer.commitSync(closing ? LAST_COMMIT : COMMIT);
            failure = answers.values().stream().flatMap(Optional::stream).findFirst();
        } catch (KafkaException | IllegalStateException e) {
            failure = Optional.of(new KafkaException(e));
        }
        failure.ifPresent(e -> LOG.atWarn()
                .addKeyValue("taskId", record.key())
                .addKeyValue("acknowledgement", type)
                .addKeyValue("reason", e.getMessage())
                .log("an acknowledgement was not taken, the record will come again"));
        return failure.isEmpty();
    }

    private void remember(TaskRun<T> run) {
        ended.put(Position.of(run.record()), run.outcome());
        if (ended.size() > REMEMBERED) {
            ended.remove(ended.keySet().iterator().next());
        }
    }

    @Override
    public Optional<Throwable> fault() {
        return Optional.ofNullable(fault);
    }

    @Override
    public Optional<String> waitsFor() {
        return running.flatMap(TaskRun::waitsFor);
    }

    @Override
    public boolean busy() {
        return running.isPresent();
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(STOP_GRACE.plus(LAST_COMMIT).plus(CLOSING).plusSeconds(1));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
