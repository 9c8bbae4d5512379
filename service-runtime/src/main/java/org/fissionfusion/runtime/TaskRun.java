package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.schemas.PoisonRecordException;
import org.fissionfusion.schemas.Topics;

/** One task on its own thread, from the bytes of its record to its outcome. */
final class TaskRun<T extends SpecificRecord> {

    /** What the worker brings along for all of its tasks. */
    record Work<T extends SpecificRecord>(
            KafkaClients clients, EventPublisher publisher, QueueSettings<T> settings, WorkHandler<T> handler) {}

    private final Work<T> work;
    private final ConsumerRecord<String, byte[]> record;
    private final Delivery delivery;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile Optional<String> stopReason = Optional.empty();
    private volatile Outcome outcome = Outcome.RELEASE;
    private volatile Throwable fault;
    private volatile Heartbeats heartbeats;
    private volatile Exception outage;

    TaskRun(Work<T> work, ConsumerRecord<String, byte[]> record) {
        this.work = work;
        this.record = record;
        String key = Optional.ofNullable(record.key()).orElse("");
        int count = record.deliveryCount().orElse((short) 1);
        this.delivery = new Delivery(
                key,
                record.topic(),
                record.partition(),
                record.offset(),
                count,
                System.nanoTime(),
                this::beat,
                () -> stopReason);
        this.thread = Thread.ofPlatform().daemon().name("task-" + key).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    ConsumerRecord<String, byte[]> record() {
        return record;
    }

    void requestStop(String reason) {
        stopReason = Optional.of(reason);
    }

    private boolean stops() {
        return stopReason.isPresent();
    }

    void interrupt() {
        thread.interrupt();
    }

    boolean awaitEnd(Duration timeout) throws InterruptedException {
        return ended.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Valid once ended. */
    Outcome outcome() {
        return outcome;
    }

    /** Set when not even the failure of the task could be published. */
    Optional<Throwable> fault() {
        return Optional.ofNullable(fault);
    }

    /** What the task waits for since its last try; empty while it is worked on. */
    Optional<String> waitsFor() {
        return Optional.ofNullable(outage).map(Throwable::getMessage);
    }

    private void beat(TaskProgress progress) {
        heartbeats.update(progress);
    }

    private void run() {
        long begun = System.nanoTime();
        Meters.waited(record.topic(), record.timestamp());
        try {
            Optional<T> task = Outages.waitOut("decoding " + delivery.key(), this::stops, this::decoded);
            outcome = task.isPresent() ? heard(task.get()) : Outcome.ACCEPT;
        } catch (Throwable e) {
            if (!stops()) {
                fault = e;
            }
        } finally {
            Meters.worked(record.topic(), outcome, Duration.ofNanos(System.nanoTime() - begun));
            ended.countDown();
        }
    }

    private Outcome heard(T task) throws Exception {
        try (Heartbeats beats = new Heartbeats(work.handler().waiting(task), Heartbeats.PACE, this::publish)) {
            heartbeats = beats;
            return Outages.waitOut("task " + delivery.key(), this::stops, () -> {
                outage = null;
                try {
                    return attempt(task);
                } catch (Exception e) {
                    outage = e;
                    throw e;
                }
            });
        }
    }

    private void publish(TaskProgress progress) {
        work.publisher().offer(Topics.PROGRESS, progress.getExperimentId(), progress);
    }

    /** Empty when the record can be decoded by nobody. */
    private Optional<T> decoded() {
        try {
            T task = work.clients()
                    .valuesOf(work.settings().topic())
                    .deserializer()
                    .deserialize(record.topic(), record.value());
            if (task == null) {
                throw new PoisonRecordException(record.topic(), "a record without a value", null);
            }
            return Optional.of(task);
        } catch (PoisonRecordException e) {
            work.publisher().deadLetter(record, e.getMessage(), e);
            return Optional.empty();
        }
    }

    private Outcome attempt(T task) throws Exception {
        try {
            if (work.settings().isExhausted(delivery.count())) {
                throw new DeliveryLimitException(delivery);
            }
            return work.handler().handle(task, delivery);
        } catch (Throwable e) {
            if (Outages.isOutage(e) || stops()) {
                throw e;
            }
            failed(task, e);
            return Outcome.ACCEPT;
        }
    }

    private void failed(T task, Throwable cause) throws Exception {
        try {
            if (!(cause instanceof TaskRefused)) {
                Outages.waitOut("dead letter of " + delivery.key(), this::stops, () -> {
                    work.publisher().deadLetter(record, String.valueOf(cause.getMessage()), cause);
                    return null;
                });
            }
            Outages.waitOut("failure of " + delivery.key(), this::stops, () -> {
                work.handler().publishFailure(task, delivery, cause);
                return null;
            });
        } catch (Exception e) {
            if (Outages.isOutage(e) || stops()) {
                throw e;
            }
            e.addSuppressed(cause);
            work.publisher().deadLetter(record, "its failure could not be published: " + e.getMessage(), e);
        }
    }
}
