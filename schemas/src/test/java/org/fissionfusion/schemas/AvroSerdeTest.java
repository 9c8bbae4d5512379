package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.TaskSilent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AvroSerdeTest {
    private final SerdeFactory serdes = SerdeFactory.bundled();

    static List<Topic<?>> topics() {
        return Topics.ALL;
    }

    @ParameterizedTest
    @MethodSource("topics")
    void readsBackEveryRandomRecordOfEveryTopic(Topic<?> topic) throws IOException {
        roundTrip(topic);
    }

    private <T extends SpecificRecord> void roundTrip(Topic<T> topic) throws IOException {
        // Given
        Schema schema = org.apache.avro.specific.SpecificData.get().getSchema(topic.valueType());
        Serde<T> serde = serdes.valuesOf(topic);
        byte[] header = Arrays.copyOf(new byte[] {0, 0, 0, 0, (byte) id(schema)}, 5);
        for (Object random : new RandomData(schema, 50, 7L)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(header);
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<>(schema).write(random, encoder);

            // When
            T value = serde.deserializer().deserialize(topic.name(), out.toByteArray());

            // Then
            byte[] again = serde.serializer().serialize(topic.name(), value);
            assertThat(Arrays.copyOf(again, 5)).isEqualTo(header);
            assertThat(serde.deserializer().deserialize(topic.name(), again)).isEqualTo(value);
        }
    }

    private static int id(Schema schema) {
        return SchemaTable.bundled().idOf(schema).orElseThrow();
    }

    @Test
    void writesConfluentsBytes() {
        // Given
        SerdeFactory mock = SerdeFactory.from(Map.of("schema.registry.url", "mock://bytes"));
        Serde<ExperimentControl> serde = mock.valuesOf(Topics.EXPERIMENT_CONTROL);

        // When
        byte[] bytes =
                serde.serializer().serialize("t", new ExperimentControl("ab", true, false, null, Priority.NORMAL));

        // Then: magic, id 1, "ab", true, false, branch 0 of the union, NORMAL
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("0000000001" + "046162" + "01" + "00" + "00" + "00");
    }

    @Test
    void passesTombstonesOn() {
        Serde<ExperimentControl> serde = serdes.valuesOf(Topics.EXPERIMENT_CONTROL);
        assertThat(serde.serializer().serialize("t", null)).isNull();
        assertThat(serde.deserializer().deserialize("t", null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "07070707070707", // not the wire format
                "000000270f00", // an id nobody knows
                "0000000001046162010000", // another type
                "0000000008046162", // cut
                "000000000804616201000000", // something after it
                "0000000008feffffff0f6162", // a string of two billion bytes
                "00000000080461620100" + "08", // a branch the union lacks
            })
    void callsUndecodableBytesPoison(String hex) {
        Serde<ExperimentControl> serde = serdes.valuesOf(Topics.EXPERIMENT_CONTROL);
        assertThatThrownBy(() ->
                        serde.deserializer().deserialize("t", HexFormat.of().parseHex(hex)))
                .isInstanceOf(PoisonRecordException.class)
                .hasMessageStartingWith("undecodable record in t: ");
    }

    @Test
    void refusesASchemaThatIsNotInTheTable() {
        assertThatThrownBy(() -> serdes.values(TaskSilent.class)
                        .serializer()
                        .serialize("t", new TaskSilent("a", 1, "w", false, 0.0)))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("TaskSilent");
    }
}
