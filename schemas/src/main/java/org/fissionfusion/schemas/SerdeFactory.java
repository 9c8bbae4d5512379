package org.fissionfusion.schemas;

import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** The one place where serdes are made, from Confluent's configuration keys. */
public final class SerdeFactory {
    private final SchemaRegistry registry;
    private final AvroSerde.IdChoice choice;

    private SerdeFactory(SchemaRegistry registry, AvroSerde.IdChoice choice) {
        this.registry = registry;
        this.choice = choice;
    }

    /**
     * From configuration.
     *
     * @param config schema.registry.url and the other keys; bundled:// when empty
     */
    public static SerdeFactory from(Map<String, ?> config) {
        boolean latest = Boolean.parseBoolean(Objects.toString(config.get(RegistryConfig.USE_LATEST), "false"));
        boolean register = Boolean.parseBoolean(Objects.toString(config.get(RegistryConfig.AUTO_REGISTER), "true"));
        AvroSerde.IdChoice choice;
        if (latest) {
            choice = AvroSerde.IdChoice.LATEST;
        } else {
            choice = register ? AvroSerde.IdChoice.REGISTER : AvroSerde.IdChoice.FIND;
        }
        return new SerdeFactory(SchemaRegistry.from(config), choice);
    }

    /** Ids from the checked-in table: no server. */
    public static SerdeFactory bundled() {
        return from(Map.of());
    }

    /** True for the configuration keys that {@link #from} reads. */
    public static boolean understands(String key) {
        return RegistryConfig.KEYS.contains(key) || key.startsWith(RegistryConfig.TLS_PREFIX);
    }

    /** The serde of the topic's values. */
    public <T extends SpecificRecord> Serde<T> valuesOf(Topic<T> topic) {
        return values(topic.valueType());
    }

    /** A serde of values of this generated class. */
    public <T extends SpecificRecord> Serde<T> values(Class<T> type) {
        return new AvroSerde<>(type, registry, choice);
    }
}
