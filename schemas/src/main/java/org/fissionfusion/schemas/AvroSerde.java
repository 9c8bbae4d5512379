package org.fissionfusion.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Values in Confluent's wire format: a zero byte, the schema's id in four bytes, Avro binary. The subject is
 * {@code topic-value}. Made by {@link SerdeFactory}; safe for any number of threads.
 */
public final class AvroSerde<T extends SpecificRecord> implements Serde<T>, Serializer<T>, Deserializer<T> {
    private static final byte MAGIC = 0;
    private static final int HEADER = 5;

    private final SchemaRegistry registry;
    private final Schema schema;
    private final IdChoice choice;
    private final SpecificData model;
    private final Map<Schema, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();

    /** Which id a serializer writes. */
    enum IdChoice {
        /** Register the schema when the subject lacks it. */
        REGISTER,
        /** The schema must be there. */
        FIND,
        /** The newest schema of the subject, which must be written alike. */
        LATEST
    }

    AvroSerde(Class<T> type, SchemaRegistry registry, IdChoice choice) {
        this.registry = registry;
        this.choice = choice;
        this.model = SpecificData.getForClass(type);
        this.schema = model.getSchema(type);
    }

    @Override
    public byte[] serialize(String topic, T value) {
        if (value == null) {
            return null;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        out.write(MAGIC);
        out.writeBytes(ByteBuffer.allocate(4).putInt(id(topic + "-value")).array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        try {
            new SpecificDatumWriter<T>(schema, model).write(value, encoder);
        } catch (IOException | RuntimeException e) {
            throw new SerializationException("cannot write " + schema.getFullName() + " for " + topic, e);
        }
        return out.toByteArray();
    }

    private int id(String subject) {
        return switch (choice) {
            case REGISTER -> registry.register(subject, schema);
            case FIND -> registry.idOf(subject, schema);
            case LATEST -> latest(subject);
        };
    }

    private int latest(String subject) {
        SchemaRegistry.Registered found = registry.latest(subject);
        if (!SchemaNormalization.toParsingForm(found.schema()).equals(SchemaNormalization.toParsingForm(schema))) {
            throw new RegistryException("the latest version of " + subject + " is not the one this program writes");
        }
        return found.id();
    }

    /**
     * Decodes a value.
     *
     * @throws PoisonRecordException when no retry can decode the bytes
     * @throws RetriableException when the registry can't be reached
     */
    @Override
    public T deserialize(String topic, byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        if (bytes.length < HEADER || bytes[0] != MAGIC) {
            throw new PoisonRecordException(topic, "not in Confluent's wire format (" + bytes.length + " bytes)", null);
        }
        Schema writer = writer(topic, ByteBuffer.wrap(bytes, 1, 4).getInt());
        try {
            BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null);
            T value = readers.computeIfAbsent(writer, key -> new SpecificDatumReader<>(key, schema, model))
                    .read(null, decoder);
            if (!decoder.isEnd()) {
                throw new PoisonRecordException(topic, "bytes are left over after the record", null);
            }
            return value;
        } catch (PoisonRecordException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError e) { // a length may ask for more than there is
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new PoisonRecordException(topic, "not a " + schema.getFullName() + ": " + reason, e);
        }
    }

    private Schema writer(String topic, int id) {
        try {
            Schema writer = registry.byId(id);
            if (!writer.getFullName().equals(schema.getFullName())) {
                throw new PoisonRecordException(
                        topic, "a " + writer.getFullName() + " instead of a " + schema.getFullName(), null);
            }
            return writer;
        } catch (UnknownSchemaException e) {
            throw new PoisonRecordException(topic, e.getMessage(), e);
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
        // holds nothing
    }
}
