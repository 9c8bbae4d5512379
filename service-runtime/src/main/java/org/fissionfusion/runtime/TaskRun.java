package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.fissionfusion.schemas.PoisonRecordException;

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
    private volatile boolean stop;
    private volatile Outcome outcome = Outcome.RELEASE;
    private volatile Throwable fault;

    TaskRun(Work<T> work, ConsumerRecord<String, byte[]> record) {
        this.work = work;
        this.record = record;
        String key = Optional.ofNullable(record.key()).orElse("");
        int count = record.deliveryCount().orElse((short) 1);
        this.delivery = new Delivery(key, record.topic(), record.partition(), record.offset(), count, () -> stop);
        this.thread = Thread.ofPlatform().daemon().name("task-" + key).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    ConsumerRecord<String, byte[]> record() {
        return record;
    }

    void requestStop() {
        stop = true;
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

    private void run() {
        try {
            outcome = Outages.waitOut("task " + delivery.key(), () -> stop, this::attempt);
        } catch (Throwable e) {
            if (!stop) {
                fault = e;
            }
        } finally {
            ended.countDown();
        }
    }

    private Outcome attempt() throws Exception {
        T task;
        try {
            task = work.clients()
                    .valuesOf(work.settings().topic())
                    .deserializer()
                    .deserialize(record.topic(), record.value());
            if (task == null) {
                throw new PoisonRecordException(record.topic(), "a record without a value", null);
            }
        } catch (PoisonRecordException e) {
            work.publisher().deadLetter(record, e.getMessage(), e);
            return Outcome.ACCEPT;
        }
        try {
            if (delivery.count() >= work.settings().deliveryLimit()) {
                throw new DeliveryLimitException(delivery);
            }
            return work.handler().handle(task, delivery);
        } catch (Throwable e) {
            if (Outages.isOutage(e) || stop) {
                throw e;
            }
            failed(task, e);
            return Outcome.ACCEPT;
        }
    }

    private void failed(T task, Throwable cause) throws Exception {
        try {
            Outages.waitOut("failure of " + delivery.key(), () -> stop, () -> {
                work.handler().publishFailure(task, delivery, cause);
                return null;
            });
        } catch (Exception e) {
            if (Outages.isOutage(e) || stop) {
                throw e;
            }
            e.addSuppressed(cause);
            work.publisher().deadLetter(record, "its failure could not be published: " + e.getMessage(), e);
        }
    }
}
