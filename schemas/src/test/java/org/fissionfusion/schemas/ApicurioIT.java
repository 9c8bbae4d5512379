package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.TaskSilent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real registry, which {@code -Papicurio} fetches, behind Confluent's API. */
class ApicurioIT {
    @TempDir
    static Path folder;

    private static ApicurioServer server;
    private static Path keys;
    private static String url;

    @BeforeAll
    static void startServer() throws Exception {
        keys = Keytool.key(folder);
        Optional<ApicurioServer> started = ApicurioServer.start(folder, keys);
        assumeTrue(started.isPresent(), "the registry server is not there: build with -Papicurio, which fetches it");
        server = started.get();
        url = server.url();
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        if (server != null) {
            server.close();
        }
    }

    private static RestSchemaRegistry registry() {
        return new RestSchemaRegistry(RegistryConfig.from(Map.of("schema.registry.url", url)));
    }

    @Test
    void registersFindsAndReadsSchemas() {
        // When
        int id = registry().register("found-value", TaskSilent.getClassSchema());

        // Then
        assertThat(registry().register("found-value", TaskSilent.getClassSchema()))
                .isEqualTo(id);
        assertThat(registry().idOf("found-value", TaskSilent.getClassSchema())).isEqualTo(id);
        assertThat(registry().byId(id)).isEqualTo(TaskSilent.getClassSchema());
        assertThat(registry().latest("found-value"))
                .isEqualTo(new SchemaRegistry.Registered(id, TaskSilent.getClassSchema()));
    }

    @Test
    void saysThatASubjectASchemaAndAnIdAreUnknown() {
        registry().register("other-value", TaskSilent.getClassSchema());
        assertThatThrownBy(() -> registry().byId(1_000_000)).isInstanceOf(UnknownSchemaException.class);
        assertThatThrownBy(() -> registry().latest("nothing-value")).isInstanceOf(UnknownSchemaException.class);
        assertThatThrownBy(() -> registry().idOf("other-value", ExperimentControl.getClassSchema()))
                .isInstanceOf(UnknownSchemaException.class);
    }

    @Test
    void refusesWhatIsNotCompatible() throws Exception {
        // Given
        Schema one = SchemaBuilder.record("R").fields().requiredInt("a").endRecord();
        Schema other = SchemaBuilder.record("R").fields().requiredString("b").endRecord();
        registry().register("strict-value", one);
        int status = ApicurioServer.send(HttpRequest.newBuilder(URI.create(url + "/config/strict-value"))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\": \"FULL\"}")));
        assertThat(status).isEqualTo(200);

        // Then
        assertThatThrownBy(() -> registry().register("strict-value", other))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("not compatible");
    }

    @Test
    void carriesEventsFromOneProgramToAnother() throws IOException {
        // Given
        String dead = "http://127.0.0.1:" + ApicurioServer.freePort();
        Serde<ExperimentControl> writer = SerdeFactory.from(Map.of("schema.registry.url", dead + "," + url))
                .valuesOf(Topics.EXPERIMENT_CONTROL);
        Serde<ExperimentControl> reader =
                SerdeFactory.from(Map.of("schema.registry.url", url)).valuesOf(Topics.EXPERIMENT_CONTROL);
        ExperimentControl control = new ExperimentControl("exp-1", true, false, "digest", Priority.NORMAL);

        // When
        byte[] bytes = writer.serializer().serialize("experiment-control", control);

        // Then
        assertThat(reader.deserializer().deserialize("experiment-control", bytes))
                .isEqualTo(control);
        assertThatThrownBy(() ->
                        reader.deserializer().deserialize("experiment-control", new byte[] {0, 0, 127, 127, 127, 0}))
                .isInstanceOf(PoisonRecordException.class);
    }

    @Test
    void answersOverTls() throws IOException {
        // Given
        Map<String, String> secure = Map.of(
                "schema.registry.url", server.secureUrl(),
                "schema.registry.ssl.truststore.location", Keytool.trust(keys).toString(),
                "schema.registry.ssl.truststore.password", Keytool.PASSWORD);

        // When
        int id = SchemaRegistry.from(secure).register("secure-value", TaskSilent.getClassSchema());

        // Then
        assertThat(registry().idOf("secure-value", TaskSilent.getClassSchema())).isEqualTo(id);
        assertThatThrownBy(() -> new RestSchemaRegistry(
                                RegistryConfig.from(Map.of("schema.registry.url", server.secureUrl())),
                                Duration.ofMillis(1))
                        .byId(id))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasStackTraceContaining("certificat");
    }

    @Test
    void registersOnlyWhenItMayAndWritesTheLatestVersion() {
        // Given
        Map<String, String> find = Map.of("schema.registry.url", url, "auto.register.schemas", "false");
        Map<String, String> latest = new HashMap<>(find);
        latest.put("use.latest.version", "true");
        ExperimentControl control = new ExperimentControl("exp-1", true, false, "digest", Priority.NORMAL);
        for (Map<String, String> config : List.of(find, latest)) {
            assertThatThrownBy(() -> SerdeFactory.from(config)
                            .valuesOf(Topics.EXPERIMENT_CONTROL)
                            .serializer()
                            .serialize("unregistered", control))
                    .isInstanceOf(UnknownSchemaException.class);
        }

        // When
        int id = registry().register("registered-value", ExperimentControl.getClassSchema());

        // Then
        for (Map<String, String> config : List.of(find, latest)) {
            byte[] bytes = SerdeFactory.from(config)
                    .valuesOf(Topics.EXPERIMENT_CONTROL)
                    .serializer()
                    .serialize("registered", control);
            assertThat(ByteBuffer.wrap(bytes).getInt(1)).isEqualTo(id);
        }
    }
}
