package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.TaskSilent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What services get when the official classes are on the class path, as with {@code -Pconfluent}. */
class OfficialSerdeIT {
    private static final String TOPIC = "experiment-control";
    private static final ExperimentControl CONTROL =
            new ExperimentControl("exp-1", true, false, "digest", Priority.NORMAL);

    private RegistryServer registry;
    private Map<String, String> config;

    @BeforeEach
    void startRegistry() throws IOException {
        Official.assumeThere();
        registry = RegistryServer.open();
        config = Map.of("schema.registry.url", registry.url());
    }

    @AfterEach
    void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    private static Serde<ExperimentControl> serde(Map<String, String> config) {
        return SerdeFactory.from(config).valuesOf(Topics.EXPERIMENT_CONTROL);
    }

    @Test
    void isTheFactorysChoiceWhereThereIsARegistry() {
        assertThat(serde(config)).isInstanceOf(OfficialSerde.class);
        assertThat(serde(Map.of("schema.registry.url", "mock://chosen"))).isInstanceOf(OfficialSerde.class);
        assertThat(serde(Map.of())).isInstanceOf(AvroSerde.class);
    }

    @Test
    void readsWhatItWrote() {
        Serde<ExperimentControl> serde = serde(config);
        byte[] bytes = serde.serializer().serialize(TOPIC, CONTROL);
        assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(CONTROL);
        assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
        assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
    }

    @Test
    void callsUndecodableBytesPoison() {
        // Given
        Serde<ExperimentControl> serde = serde(config);
        serde.serializer().serialize(TOPIC, CONTROL);
        byte[] other = SerdeFactory.from(config)
                .values(TaskSilent.class)
                .serializer()
                .serialize("silences", new TaskSilent("a", 1, "w", false, 0.0));
        Stream<byte[]> undecodable = Stream.concat(
                Stream.of(other),
                Stream.of(
                                "",
                                "00",
                                "07070707070707",
                                "000000270f00",
                                "0000000001046162", // as for our own serde
                                "0000000001feffffff0f6162",
                                "0000000001046162010008")
                        .map(HexFormat.of()::parseHex));

        // Then
        undecodable.forEach(
                bytes -> assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes))
                        .as(HexFormat.of().formatHex(bytes))
                        .isInstanceOf(PoisonRecordException.class)
                        .hasMessageStartingWith("undecodable record in " + TOPIC));
    }

    @Test
    void callsAnOutageRetriable() {
        // Given
        byte[] bytes = serde(config).serializer().serialize(TOPIC, CONTROL);
        Serde<ExperimentControl> fresh = serde(config);

        // When
        registry.close();

        // Then
        assertThatThrownBy(() -> fresh.deserializer().deserialize(TOPIC, bytes)).isInstanceOf(RetriableException.class);
        assertThatThrownBy(() -> fresh.serializer().serialize(TOPIC, CONTROL)).isInstanceOf(RetriableException.class);
    }

    @Test
    void takesTheSwitchesAsOursDoes() {
        Map<String, String> find = Map.of("schema.registry.url", registry.url(), "auto.register.schemas", "false");
        Map<String, String> both = Map.of(
                "schema.registry.url", registry.url(), "auto.register.schemas", "true", "use.latest.version", "true");
        Serde<ExperimentControl> ownFind = SerdeFactory.from(find).own(ExperimentControl.class);
        Serde<ExperimentControl> ownBoth = SerdeFactory.from(both).own(ExperimentControl.class);
        for (Serde<ExperimentControl> serde : List.of(serde(find), ownFind)) {
            assertThatThrownBy(() -> serde.serializer().serialize(TOPIC, CONTROL))
                    .isInstanceOf(UnknownSchemaException.class);
        }
        assertThat(serde(both).serializer().serialize(TOPIC, CONTROL))
                .as("registering comes before the latest version")
                .isEqualTo(ownBoth.serializer().serialize(TOPIC, CONTROL));
    }
}
