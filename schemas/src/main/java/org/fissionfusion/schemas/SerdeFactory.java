package org.fissionfusion.schemas;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.kafka.common.serialization.Serde;

/**
 * The one place where serdes are made, from Confluent's configuration keys. Confluent's own serializer is used where it
 * is on the class path (the Maven profile {@code confluent}), but for {@code bundled://}, which it does not know.
 */
public final class SerdeFactory {
    static {
        // Avro loads no generated class it was not told to trust.
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals("org.fissionfusion.events")));
    }

    private final Map<String, ?> config;
    private final SchemaRegistry registry;
    private final AvroSerde.IdChoice choice;

    private SerdeFactory(Map<String, ?> config, AvroSerde.IdChoice choice) {
        this.config = new HashMap<>(config);
        this.registry = SchemaRegistry.from(config);
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
        if (register) { // the official serializer looks at use.latest.version only when it may not register
            choice = AvroSerde.IdChoice.REGISTER;
        } else {
            choice = latest ? AvroSerde.IdChoice.LATEST : AvroSerde.IdChoice.FIND;
        }
        return new SerdeFactory(config, choice);
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
        if (OfficialSerde.isOnTheClassPath() && !(registry instanceof BundledSchemaRegistry)) {
            return new OfficialSerde<>(type, config);
        }
        return own(type);
    }

    /** Our own serde, whatever is on the class path. */
    <T extends SpecificRecord> Serde<T> own(Class<T> type) {
        return new AvroSerde<>(type, registry, choice);
    }
}
