package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.Priority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The serde and its client together, against a server that stores what it is told. */
class RegistryContractTest {
    private static final String TOPIC = "experiment-control";
    private static final ExperimentControl CONTROL =
            new ExperimentControl("exp-1", true, false, "digest", Priority.NORMAL);

    @TempDir
    Path folder;

    private static Serde<ExperimentControl> serde(Map<String, String> config) {
        return SerdeFactory.from(config).valuesOf(Topics.EXPERIMENT_CONTROL);
    }

    private static byte[] written(Map<String, String> config) {
        return serde(config).serializer().serialize(TOPIC, CONTROL);
    }

    @Test
    void fallsBackToASecuredServerThatKnowsItsUser() throws Exception {
        Path keys = Keytool.key(folder);
        String login = "Basic " + Base64.getEncoder().encodeToString("user:s3cret".getBytes(StandardCharsets.UTF_8));
        String dead;
        try (ServerSocket away = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = "https://127.0.0.1:" + away.getLocalPort();
        }
        try (RegistryServer server = RegistryServer.secured(keys, login)) {
            // Given
            Map<String, String> config = new HashMap<>(Map.of(
                    "schema.registry.url",
                    dead + "," + server.url(),
                    "schema.registry.ssl.truststore.location",
                    Keytool.trust(keys).toString(),
                    "schema.registry.ssl.truststore.password",
                    Keytool.PASSWORD,
                    "basic.auth.credentials.source",
                    "USER_INFO",
                    "basic.auth.user.info",
                    "user:s3cret"));

            // When
            byte[] bytes = written(config);

            // Then
            assertThat(serde(config).deserializer().deserialize(TOPIC, bytes)).isEqualTo(CONTROL);
            config.remove("basic.auth.user.info");
            config.put("schema.registry.basic.auth.user.info", "user:s3cret");
            assertThat(written(config)).isEqualTo(bytes);
            config.put("basic.auth.credentials.source", "URL");
            config.put("schema.registry.url", server.url().replace("://", "://user:s3cret@"));
            assertThat(written(config)).isEqualTo(bytes);
            config.put("schema.registry.url", server.url());
            assertThatThrownBy(() -> written(config))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContainingAll("401", "basic.auth");
        }
    }

    @Test
    void showsItsToken() throws Exception {
        Path keys = Keytool.key(folder);
        try (RegistryServer server = RegistryServer.secured(keys, "Bearer t0ken")) {
            Map<String, String> config = Map.of(
                    "schema.registry.url", server.url(),
                    "schema.registry.ssl.truststore.location",
                            Keytool.certificate(keys).toString(),
                    "schema.registry.ssl.truststore.type", "PEM",
                    "bearer.auth.credentials.source", "STATIC_TOKEN",
                    "bearer.auth.token", "t0ken");
            assertThat(serde(config).deserializer().deserialize(TOPIC, written(config)))
                    .isEqualTo(CONTROL);
        }
    }

    @Test
    void registersOnlyWhenItMay() throws Exception {
        try (RegistryServer server = RegistryServer.open()) {
            Map<String, String> may = Map.of("schema.registry.url", server.url());
            Map<String, String> mayNot = Map.of("schema.registry.url", server.url(), "auto.register.schemas", "false");
            assertThatThrownBy(() -> written(mayNot)).isInstanceOf(UnknownSchemaException.class);
            byte[] bytes = written(may);
            assertThat(written(mayNot)).isEqualTo(bytes);
        }
    }

    @Test
    void writesTheLatestVersionWhenItMayNotRegister() throws Exception {
        try (RegistryServer server = RegistryServer.open()) {
            // Given
            Map<String, String> latest = Map.of(
                    "schema.registry.url", server.url(),
                    "auto.register.schemas", "false",
                    "use.latest.version", "true");
            SchemaRegistry registry = SchemaRegistry.from(latest);
            assertThatThrownBy(() -> written(latest)).isInstanceOf(UnknownSchemaException.class);
            registry.register(TOPIC + "-value", ExperimentControl.getClassSchema());
            Schema documented =
                    new Schema.Parser().parse(ExperimentControl.getClassSchema().toString());
            documented.addProp("owner", "somebody");
            int id = registry.register(TOPIC + "-value", documented);

            // When
            byte[] bytes = written(latest);

            // Then
            assertThat(id).isEqualTo(2);
            assertThat(bytes).startsWith(0, 0, 0, 0, 2);
            registry.register(
                    TOPIC + "-value",
                    SchemaBuilder.record("R").fields().requiredInt("a").endRecord());
            assertThatThrownBy(() -> written(latest))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("latest version");
        }
    }

    @Test
    void asksNothingTwice() throws Exception {
        try (RegistryServer server = RegistryServer.open()) {
            // Given
            Serde<ExperimentControl> serde = serde(Map.of("schema.registry.url", server.url()));

            // When
            for (int record = 0; record < 100; record++) {
                byte[] bytes = serde.serializer().serialize(TOPIC, CONTROL);
                assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(CONTROL);
            }

            // Then
            assertThat(server.requests())
                    .isEqualTo(List.of("POST /subjects/experiment-control-value/versions", "GET /schemas/ids/1"));
        }
    }
}
