package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our serde beside the official one, over the same registries with the same configuration. */
class OfficialBytesIT {
    private static final int RECORDS = 40;

    @TempDir
    static Path folder;

    private static RegistryServer open;
    private static RegistryServer secured;
    private static Optional<ApicurioServer> real = Optional.empty();
    private static Map<String, Map<String, String>> configs;

    @BeforeAll
    static void startRegistries() throws Exception {
        Official.assumeThere();
        Path keys = Keytool.key(folder);
        open = RegistryServer.open();
        secured = RegistryServer.secured(
                keys, "Basic " + Base64.getEncoder().encodeToString("user:secret".getBytes(StandardCharsets.UTF_8)));
        configs = Map.of(
                "open", Map.of("schema.registry.url", open.url()),
                "secured",
                        Map.of(
                                "schema.registry.url",
                                secured.url(),
                                "schema.registry.ssl.truststore.location",
                                Keytool.trust(keys).toString(),
                                "schema.registry.ssl.truststore.password",
                                Keytool.PASSWORD,
                                "basic.auth.credentials.source",
                                "USER_INFO",
                                "basic.auth.user.info",
                                "user:secret"));
        real = ApicurioServer.start(folder, keys);
    }

    @AfterAll
    static void stopRegistries() throws InterruptedException {
        if (open != null) {
            open.close();
            secured.close();
        }
        if (real.isPresent()) {
            real.get().close();
        }
    }

    static List<Topic<?>> topics() {
        return Topics.ALL;
    }

    static Stream<Integer> table() {
        return IntStream.rangeClosed(1, SchemaTable.bundled().size()).boxed();
    }

    @ParameterizedTest
    @MethodSource("topics")
    void writesTheSameBytesAndReadsTheOthers(Topic<?> topic) throws IOException {
        compare(topic.name(), topic.valueType(), configs.get("open"));
    }

    @ParameterizedTest
    @MethodSource("topics")
    void doesSoOverTlsWithALogin(Topic<?> topic) throws IOException {
        compare(topic.name(), topic.valueType(), configs.get("secured"));
    }

    @ParameterizedTest
    @MethodSource("topics")
    void doesSoWithARealRegistry(Topic<?> topic) throws IOException {
        assumeTrue(real.isPresent(), "the registry server is not there: build with -Papicurio, which fetches it");
        compare(
                topic.name(),
                topic.valueType(),
                Map.of("schema.registry.url", real.orElseThrow().url()));
    }

    private static <T extends SpecificRecord> void compare(String topic, Class<T> type, Map<String, String> config)
            throws IOException {
        // Given
        Serde<T> ours = SerdeFactory.from(config).own(type);
        try (Serializer<Object> serializer = Official.serializer(config);
                Deserializer<Object> deserializer = Official.deserializer(config, true)) {
            for (T value : random(type)) {
                // When
                byte[] official = serializer.serialize(topic, value);
                byte[] own = ours.serializer().serialize(topic, value);

                // Then
                assertThat(own).isEqualTo(official);
                assertThat(ours.deserializer().deserialize(topic, official)).isEqualTo(value);
                assertThat(deserializer.deserialize(topic, own)).isEqualTo(value);
            }
        }
    }

    private static <T extends SpecificRecord> List<T> random(Class<T> type) throws IOException {
        Schema schema = SpecificData.get().getSchema(type);
        List<T> values = new ArrayList<>();
        for (Object generic : new RandomData(schema, RECORDS, 11L)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<>(schema).write(generic, encoder);
            values.add(new SpecificDatumReader<T>(type)
                    .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null)));
        }
        return values;
    }

    /** Every row of the table, those of older versions too: official bytes, read by both. */
    @ParameterizedTest
    @MethodSource("table")
    void readsWhatTheOfficialSerializerWroteWithAnySchemaOfTheTable(int id) throws Exception {
        // Given
        Schema schema = SchemaTable.bundled().byId(id).orElseThrow();
        Class<? extends SpecificRecord> type =
                Class.forName(schema.getFullName()).asSubclass(SpecificRecord.class);
        String topic = "row-" + id;
        Serde<? extends SpecificRecord> ours =
                SerdeFactory.from(configs.get("open")).own(type);
        try (Serializer<Object> serializer = Official.serializer(configs.get("open"));
                Deserializer<Object> deserializer = Official.deserializer(configs.get("open"), true)) {
            for (Object generic : new RandomData(schema, RECORDS, 12L)) {
                GenericRecord written = (GenericRecord) generic;

                // When
                byte[] official = serializer.serialize(topic, written);

                // Then
                assertThat(ours.deserializer().deserialize(topic, official))
                        .isEqualTo(deserializer.deserialize(topic, official))
                        .isInstanceOf(type);
            }
        }
    }

    @Test
    void countsIdsInMemoryAsTheOfficialMockDoes() throws IOException {
        // Given
        Map<String, String> config = Map.of("schema.registry.url", "mock://oracle");
        SerdeFactory own = SerdeFactory.from(config);
        try (Serializer<Object> serializer = Official.serializer(config)) {
            for (Topic<?> topic : Topics.ALL) {
                compareMock(own, serializer, topic);
            }
        }
    }

    private static <T extends SpecificRecord> void compareMock(
            SerdeFactory own, Serializer<Object> official, Topic<T> topic) throws IOException {
        for (T value : random(topic.valueType())) {
            assertThat(own.own(topic.valueType()).serializer().serialize(topic.name(), value))
                    .isEqualTo(official.serialize(topic.name(), value));
        }
    }
}
