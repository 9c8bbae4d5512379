package org.fissionfusion.runtime;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;

/** Makes Kafka clients, all with the same connection and the guarantees this system relies on. */
public final class KafkaClients {
    private final Map<String, String> connection;
    private final SerdeFactory serdes;
    private final String clientName;

    /**
     * Clients of one connection.
     *
     * @param connection {@code bootstrap.servers} and, where needed, security settings
     * @param clientName start of every client id
     */
    public KafkaClients(Map<String, String> connection, SerdeFactory serdes, String clientName) {
        this.connection = Map.copyOf(connection);
        this.serdes = serdes;
        this.clientName = clientName;
    }

    public static KafkaClients from(ServiceConfig config) {
        return new KafkaClients(
                config.kafka(),
                SerdeFactory.from(config.registry()),
                config.worker().name());
    }

    public SerdeFactory serdes() {
        return serdes;
    }

    /** Name of the worker, start of every client id. */
    public String clientName() {
        return clientName;
    }

    /** The connection settings, for clients not made here (Kafka Streams). */
    public Map<String, String> connection() {
        return connection;
    }

    public <T extends SpecificRecord> Serde<T> valuesOf(Topic<T> topic) {
        return serdes.valuesOf(topic);
    }

    public Admin admin() {
        return Admin.create(settings("admin", Map.of()));
    }

    /** Idempotent, every replica acknowledges. */
    public Producer<String, byte[]> producer(String purpose) {
        return new KafkaProducer<>(
                settings(
                        purpose,
                        Map.of(
                                "acks", "all",
                                "enable.idempotence", "true",
                                "linger.ms", "0",
                                "max.request.size", "8388608",
                                "delivery.timeout.ms", "60000",
                                "max.block.ms", "30000",
                                "request.timeout.ms", "15000")),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /** Without a group: reads from the beginning what is committed. */
    public Consumer<String, byte[]> consumer(String purpose) {
        return new KafkaConsumer<>(
                settings(
                        purpose,
                        Map.of(
                                "isolation.level", "read_committed",
                                "auto.offset.reset", "earliest",
                                "enable.auto.commit", "false",
                                "fetch.max.wait.ms", "100")),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /** One record at a time, acknowledged explicitly. */
    public ShareConsumer<String, byte[]> shareConsumer(String purpose, String group) {
        return new KafkaShareConsumer<>(
                settings(
                        purpose,
                        Map.of(
                                "group.id", group,
                                "share.acknowledgement.mode", "explicit",
                                "share.acquire.mode", "record_limit",
                                "max.poll.records", "1")),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    private Map<String, Object> settings(String purpose, Map<String, String> own) {
        Map<String, Object> settings = new HashMap<>(connection);
        settings.put("client.id", clientName + "-" + purpose);
        settings.put("reconnect.backoff.max.ms", "1000");
        settings.putAll(own);
        return settings;
    }
}
