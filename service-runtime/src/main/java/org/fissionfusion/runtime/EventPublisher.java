package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes typed events; safe for any number of threads. */
public final class EventPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);
    private static final Duration CLOSING = Duration.ofSeconds(3);

    private final KafkaClients clients;
    private final Producer<String, byte[]> producer;

    public EventPublisher(KafkaClients clients) {
        this.clients = clients;
        this.producer = clients.producer("events");
    }

    /**
     * Publishes and waits until every replica has it.
     *
     * @throws KafkaException retriable when the broker is out of reach
     */
    public <T extends SpecificRecord> void publish(Topic<T> topic, String key, T value) {
        try {
            producer.send(encode(topic, key, value)).get();
            Meters.published(value);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException known) {
                throw known;
            }
            throw new KafkaException(e.getCause());
        }
    }

    /** Publishes without waiting, for heartbeats that a later one replaces; a failure is logged. */
    public <T extends SpecificRecord> void offer(Topic<T> topic, String key, T value) {
        Meters.published(value);
        var _ = producer.send(encode(topic, key, value), (metadata, failure) -> {
            if (failure != null) {
                LOG.atWarn()
                        .addKeyValue("topic", topic.name())
                        .addKeyValue("reason", failure.getMessage())
                        .log("an event was not delivered");
            }
        });
    }

    /** Publishes a record that nobody can handle, with where it came from and why. */
    public void deadLetter(ConsumerRecord<String, byte[]> origin, String reason, Throwable cause) {
        publish(
                Topics.DEAD_LETTERS,
                DeadLetters.key(origin),
                DeadLetters.letter(origin, reason, Optional.ofNullable(cause), clients.clientName()));
        LOG.atError()
                .addKeyValue("topic", origin.topic())
                .addKeyValue("offset", origin.offset())
                .addKeyValue("reason", reason)
                .log("a record went to the dead letters");
    }

    /** Waits for everything offered so far. */
    public void flush() {
        producer.flush();
    }

    private <T extends SpecificRecord> ProducerRecord<String, byte[]> encode(Topic<T> topic, String key, T value) {
        return new ProducerRecord<>(
                topic.name(), key, clients.valuesOf(topic).serializer().serialize(topic.name(), value));
    }

    /** Whatever was published is acknowledged already: a broker that is gone is not waited for. */
    @Override
    public void close() {
        producer.close(CLOSING);
    }
}
