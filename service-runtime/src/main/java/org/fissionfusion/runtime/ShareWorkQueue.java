package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A work queue on a Kafka share group (KIP-932): one partition, any number of workers, one record at a time each.
 *
 * <p>While a task runs its record's lock is renewed every third of the lock. When the lock is lost all the same (the
 * broker restarted) the task goes on: a new delivery of the same record to this worker is adopted; one of another record
 * is handed back, and this worker takes nothing until its task has ended.
 *
 * <p>A queue may have a second topic that goes first. A worker looks there first whenever it is free, and a task that
 * comes there while it does another one makes it hand that one back. While it does a task of the first topic it leaves
 * the group of the other, so as not to keep tasks from workers that are free.
 */
public final class ShareWorkQueue<T extends SpecificRecord> implements WorkQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ShareWorkQueue.class);
    private static final Duration POLL = Duration.ofMillis(250);

    /** Two topics are asked in turns. */
    private static final Duration TURN = Duration.ofMillis(10);

    private static final Duration SLICE = Duration.ofMillis(50);

    /** After a task that goes first the next one of its experiment comes soon, and leaving and joining groups is slow. */
    private static final Duration STAY = Duration.ofSeconds(1);

    /** A worker that is stopped hands its task back within ten seconds, closing included. */
    private static final Duration STOP_GRACE = Duration.ofSeconds(5);

    private static final Duration CLOSED_WITHIN = STOP_GRACE.plusSeconds(5);
    private static final int REMEMBERED = 256;

    private final TaskRun.Work<T> work;
    private final Map<Position, Outcome> ended = new LinkedHashMap<>();
    private final Thread thread;
    private final QueueLane usual;
    private final Optional<QueueLane> first;
    private Optional<ConsumerRecord<String, byte[]>> waiting = Optional.empty();
    private long stayUntil;
    private volatile boolean closing;
    private volatile Optional<TaskRun<T>> running = Optional.empty();
    private volatile Throwable fault;

    private record Position(String topic, int partition, long offset) {
        static Position of(ConsumerRecord<?, ?> record) {
            return new Position(record.topic(), record.partition(), record.offset());
        }
    }

    private ShareWorkQueue(TaskRun.Work<T> work) {
        this.work = work;
        QueueSettings<T> settings = work.settings();
        this.usual = new QueueLane(work.clients(), settings.topic().name(), settings.group());
        this.first = settings.first().map(topic -> new QueueLane(work.clients(), topic.name(), settings.group()));
        this.stayUntil = System.nanoTime();
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("queue-" + settings.topic().name())
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
        try {
            while (!closing) {
                takeNext();
            }
        } catch (Throwable e) {
            if (!closing) {
                fault = e;
                LOG.atError()
                        .addKeyValue("topic", work.settings().topic().name())
                        .setCause(e)
                        .log("a worker stopped taking tasks");
            }
        } finally {
            usual.close();
            first.ifPresent(QueueLane::close);
        }
    }

    private void takeNext() throws InterruptedException {
        if (first.isPresent()) {
            boolean stays = System.nanoTime() < stayUntil;
            if (takeFrom(first.get(), stays ? POLL : TURN) || stays) {
                return;
            }
        }
        takeFrom(usual, first.isPresent() ? TURN : POLL);
    }

    private boolean takeFrom(QueueLane lane, Duration patience) throws InterruptedException {
        boolean any = false;
        for (ConsumerRecord<String, byte[]> record : lane.poll(patience)) {
            any = true;
            take(lane, record);
        }
        while (waiting.isPresent()) {
            ConsumerRecord<String, byte[]> next = waiting.get();
            waiting = Optional.empty();
            take(first.orElseThrow(), next);
        }
        return any;
    }

    private void take(QueueLane lane, ConsumerRecord<String, byte[]> record) throws InterruptedException {
        if (closing) {
            lane.acknowledge(record, AcknowledgeType.RELEASE, true);
            return;
        }
        if (ended.get(Position.of(record)) == Outcome.ACCEPT) {
            acknowledge(lane, record, AcknowledgeType.ACCEPT); // done here, but the broker had not heard of it
            return;
        }
        TaskRun<T> run = new TaskRun<>(work, record);
        running = Optional.of(run);
        try {
            run.start();
            if (lane != usual) {
                usual.close();
            }
            Optional<ConsumerRecord<String, byte[]>> held = supervise(lane, run);
            remember(run);
            AcknowledgeType type = run.outcome() == Outcome.ACCEPT ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE;
            held.ifPresent(each -> acknowledge(lane, each, type));
            if (run.fault().isPresent()) {
                throw new IllegalStateException(
                        "neither the task nor its failure could be handled",
                        run.fault().get());
            }
        } finally {
            running = Optional.empty();
            if (lane != usual) {
                stayUntil = System.nanoTime() + STAY.toNanos();
            }
        }
    }

    /**
     * Waits for the end of the task.
     *
     * @return its record, if this worker still holds it
     */
    private Optional<ConsumerRecord<String, byte[]>> supervise(QueueLane lane, TaskRun<T> run)
            throws InterruptedException {
        Optional<ConsumerRecord<String, byte[]>> held = Optional.of(run.record());
        boolean takeMore = true;
        long nextRenewal = System.nanoTime() + renewEvery(lane).toNanos();
        long giveUp = Long.MAX_VALUE;
        while (!run.awaitEnd(SLICE)) {
            if (closing && giveUp == Long.MAX_VALUE) {
                run.requestStop("the worker is shutting down");
                giveUp = System.nanoTime() + STOP_GRACE.toNanos();
            }
            if (System.nanoTime() > giveUp) {
                run.interrupt();
                return held;
            }
            if (lane == usual && !closing) {
                giveWay(run);
            }
            if (held.isPresent() && System.nanoTime() >= nextRenewal) {
                held = lane.renewed(held.get(), POLL, closing);
                waiting = waiting.flatMap(record -> first.orElseThrow().renewed(record, POLL, closing));
                nextRenewal = System.nanoTime() + renewEvery(lane).toNanos();
            } else if (held.isEmpty() && takeMore && !closing) {
                for (ConsumerRecord<String, byte[]> other : lane.poll(POLL)) {
                    if (Position.of(other).equals(Position.of(run.record()))) {
                        held = Optional.of(other);
                        nextRenewal = System.nanoTime() + renewEvery(lane).toNanos();
                        LOG.atInfo()
                                .addKeyValue("taskId", other.key())
                                .log("a new delivery of the running task was adopted");
                    } else {
                        acknowledge(lane, other, AcknowledgeType.RELEASE);
                        takeMore = false;
                    }
                }
            }
        }
        return held;
    }

    /** Asks the running task to stop once a task has come that goes first, and keeps that one for afterwards. */
    private void giveWay(TaskRun<T> run) {
        if (first.isPresent() && waiting.isEmpty()) {
            for (ConsumerRecord<String, byte[]> record : first.get().poll(Duration.ZERO)) {
                waiting = Optional.of(record);
                run.requestStop("a task of higher priority came");
                LOG.atInfo()
                        .addKeyValue("taskId", run.record().key())
                        .addKeyValue("for", record.key())
                        .log("a task gives way to one of higher priority");
            }
        }
    }

    private Duration renewEvery(QueueLane lane) {
        return lane.lock().orElse(work.settings().lock()).dividedBy(3);
    }

    private void acknowledge(QueueLane lane, ConsumerRecord<String, byte[]> record, AcknowledgeType type) {
        lane.acknowledge(record, type, closing);
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
            thread.join(CLOSED_WITHIN);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
