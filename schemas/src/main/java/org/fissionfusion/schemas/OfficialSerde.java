package org.fissionfusion.schemas;

import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Confluent's serializer and deserializer, which tell an outage from a record that nobody can decode only by their
 * causes; so what they throw becomes what {@link AvroSerde} throws. They are found by name: this artifact is built
 * without them. Safe for any number of threads, as they are.
 */
final class OfficialSerde<T extends SpecificRecord> implements Serde<T>, Serializer<T>, Deserializer<T> {
    private static final String SERIALIZER = "io.confluent.kafka.serializers.KafkaAvroSerializer";
    private static final String DESERIALIZER = "io.confluent.kafka.serializers.KafkaAvroDeserializer";
    private static final String REFUSAL =
            "io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException";
    private static final String INCOMPATIBLE = "Incompatible schema";
    private static final int TOO_MANY_REQUESTS = 429;

    private final Class<T> type;
    private final Serializer<Object> serializer;
    private final Deserializer<Object> deserializer;

    OfficialSerde(Class<T> type, Map<String, ?> config) {
        this.type = type;
        serializer = serializer(config);
        Map<String, Object> specific = new HashMap<>(config);
        specific.put("specific.avro.reader", true);
        deserializer = deserializer(specific);
    }

    @SuppressWarnings("unchecked") // it takes any object
    static Serializer<Object> serializer(Map<String, ?> config) {
        Serializer<Object> serializer = (Serializer<Object>) instance(SERIALIZER);
        serializer.configure(config, false);
        return serializer;
    }

    @SuppressWarnings("unchecked") // what it reads is an object of some kind
    static Deserializer<Object> deserializer(Map<String, ?> config) {
        Deserializer<Object> deserializer = (Deserializer<Object>) instance(DESERIALIZER);
        deserializer.configure(config, false);
        return deserializer;
    }

    static boolean isOnTheClassPath() {
        try {
            Class.forName(SERIALIZER, false, OfficialSerde.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static Object instance(String name) {
        try {
            return Class.forName(name).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new RegistryException("cannot make a " + name + ": " + e, e);
        }
    }

    @Override
    public byte[] serialize(String topic, T value) {
        try {
            return serializer.serialize(topic, value);
        } catch (RuntimeException e) {
            throw translated(e);
        }
    }

    @Override
    public T deserialize(String topic, byte[] bytes) {
        Object value;
        try {
            value = deserializer.deserialize(topic, bytes);
        } catch (RuntimeException | OutOfMemoryError e) { // a length may ask for more than there is
            RuntimeException translated = translated(e);
            if (translated instanceof RetriableException || translated instanceof RegistryException) {
                throw translated;
            }
            throw new PoisonRecordException(topic, "not a " + type.getName() + ": " + e.getMessage(), e);
        }
        if (value != null && !type.isInstance(value)) {
            throw new PoisonRecordException(
                    topic, "a " + value.getClass().getName() + " instead of a " + type.getName(), null);
        }
        return type.cast(value);
    }

    /** An outage, a refusal, an unknown schema, or the failure itself. */
    private static RuntimeException translated(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            OptionalInt refusal = refusal(cause);
            if (refusal.isPresent()) {
                return refused(refusal.getAsInt(), cause);
            }
            if (cause instanceof IOException
                    && Objects.toString(cause.getMessage()).startsWith(INCOMPATIBLE)) {
                return new RegistryException("the latest version is not compatible: " + cause.getMessage(), failure);
            }
            // the decoder's complaint about missing bytes is an EOFException, and no outage
            boolean network = cause instanceof IOException && !(cause instanceof EOFException);
            if (network || cause instanceof RetriableException) {
                return new RegistryUnavailableException("no schema registry answered: " + cause, failure);
            }
        }
        return failure instanceof RuntimeException runtime ? runtime : new IllegalStateException(failure);
    }

    private static RuntimeException refused(int code, Throwable cause) {
        String message = "schema registry answered: " + cause.getMessage();
        int status = code >= 1000 ? code / 100 : code; // 40403 is a kind of 404
        if (status >= 500 || status == TOO_MANY_REQUESTS) {
            return new RegistryUnavailableException(message, cause);
        }
        if (RestSchemaRegistry.UNKNOWN.contains(code)) {
            return new UnknownSchemaException(message);
        }
        boolean stranger = status == 401 || status == 403;
        return new RegistryException(message + (stranger ? "; check basic.auth.* or bearer.auth.*" : ""), cause);
    }

    private static OptionalInt refusal(Throwable cause) {
        if (!cause.getClass().getName().equals(REFUSAL)) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(
                    (int) cause.getClass().getMethod("getErrorCode").invoke(cause));
        } catch (ReflectiveOperationException e) {
            throw new RegistryException("cannot read the code of " + cause, e);
        }
    }

    @Override
    public Serializer<T> serializer() {
        return this;
    }

    @Override
    public Deserializer<T> deserializer() {
        return this;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        // configured by its factory
    }

    @Override
    public void close() {
        // services share it until they end
    }
}
