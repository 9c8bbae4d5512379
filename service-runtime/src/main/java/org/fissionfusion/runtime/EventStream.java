package org.fissionfusion.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.Deserializer;
import org.fissionfusion.schemas.PoisonRecordException;
import org.fissionfusion.schemas.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows a listener every committed event of a topic, from the beginning and on, until closed. */
public final class EventStream<T extends SpecificRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final Topic<T> topic;
    private final EventListener<T> listener;
    private final Deserializer<T> deserializer;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closing;
    private volatile Throwable fault;

    private EventStream(KafkaClients clients, Topic<T> topic, EventListener<T> listener) {
        this.clients = clients;
        this.topic = topic;
        this.listener = listener;
        this.deserializer = clients.valuesOf(topic).deserializer();
        this.thread =
                Thread.ofPlatform().daemon().name("stream-" + topic.name()).unstarted(this::run);
    }

    /** Starts reading on a thread of its own. */
    public static <T extends SpecificRecord> EventStream<T> start(
            KafkaClients clients, Topic<T> topic, EventListener<T> listener) {
        EventStream<T> stream = new EventStream<>(clients, topic, listener);
        stream.thread.start();
        return stream;
    }

    /**
     * Waits until everything that was there at the start has been shown.
     *
     * @return false when the time was up first
     */
    public boolean awaitCaughtUp(Duration timeout) {
        try {
            return caughtUp.await(timeout.toMillis(), TimeUnit.MILLISECONDS) && fault == null;
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** True once everything that was there at the start has been shown. */
    public boolean isCaughtUp() {
        return caughtUp.getCount() == 0;
    }

    /** Why reading stopped by itself, if it did: the listener threw, or the broker refused. */
    public Optional<Throwable> fault() {
        return Optional.ofNullable(fault);
    }

    private void run() {
        Consumer<String, byte[]> consumer = clients.consumer("stream-" + topic.name());
        try {
            Outages.waitOut("reading " + topic.name(), () -> closing, () -> {
                List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                        .map(each -> new TopicPartition(each.topic(), each.partition()))
                        .toList();
                if (partitions.isEmpty()) {
                    throw new UnknownTopicOrPartitionException("topic " + topic.name() + " does not exist yet");
                }
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                return partitions;
            });
            Map<TopicPartition, Long> ends = Outages.waitOut(
                    "reading " + topic.name(), () -> closing, () -> consumer.endOffsets(consumer.assignment()));
            while (!closing) {
                for (ConsumerRecord<String, byte[]> each : consumer.poll(POLL)) {
                    if (closing) {
                        return;
                    }
                    show(each);
                }
                if (caughtUp.getCount() > 0
                        && ends.entrySet().stream()
                                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                    caughtUp.countDown();
                }
            }
        } catch (Throwable e) {
            if (!closing) {
                fault = e;
                LOG.atError().addKeyValue("topic", topic.name()).setCause(e).log("an event stream stopped");
            }
        } finally {
            caughtUp.countDown();
            consumer.close(CloseOptions.timeout(CLOSING));
        }
    }

    private void show(ConsumerRecord<String, byte[]> each) throws Exception {
        T value;
        try {
            value = Outages.waitOut(
                    "decoding " + topic.name(),
                    () -> closing,
                    () -> deserializer.deserialize(each.topic(), each.value()));
        } catch (PoisonRecordException e) {
            Outages.waitOut("dead letter of " + topic.name(), () -> closing, () -> {
                listener.onPoison(each, e);
                return null;
            });
            return;
        }
        listener.onEvent(new Event<>(
                each.key(),
                Optional.ofNullable(value),
                each.partition(),
                each.offset(),
                Instant.ofEpochMilli(each.timestamp())));
    }

    @Override
    public void close() {
        closing = true;
        if (Thread.currentThread() == thread) {
            return; // the listener closes: the loop ends after it
        }
        try {
            thread.join(CLOSING.multipliedBy(2));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
