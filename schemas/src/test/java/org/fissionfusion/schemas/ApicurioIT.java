package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
    private static final Path UNPACKED = Path.of("target", "apicurio");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    static Path folder;

    private static Process process;
    private static String url;

    @BeforeAll
    static void startServer() throws Exception {
        Optional<Path> jar = server();
        assumeTrue(jar.isPresent(), "the registry server is not there: build with -Papicurio, which fetches it");
        int port = freePort();
        url = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + freePort(),
                        "-jar",
                        jar.get().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        awaitAnswer();
    }

    private static Optional<Path> server() throws IOException {
        if (!Files.isDirectory(UNPACKED)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(UNPACKED)) {
            return files.filter(file -> file.endsWith("quarkus-run.jar"))
                    .map(Path::toAbsolutePath)
                    .findFirst();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void awaitAnswer() throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (send(HttpRequest.newBuilder(URI.create(url + "/subjects"))) == 200) {
                    return;
                }
            } catch (IOException e) {
                assertThat(process.isAlive() && System.nanoTime() < end)
                        .as(() -> "the registry did not start:\n" + log())
                        .isTrue();
            }
            Thread.sleep(200);
        }
    }

    private static String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int send(HttpRequest.Builder request) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
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
        int status = send(HttpRequest.newBuilder(URI.create(url + "/config/strict-value"))
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
        String dead = "http://127.0.0.1:" + freePort();
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
}
