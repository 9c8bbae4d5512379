package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.fissionfusion.events.TaskProgress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.KeyValuePair;

class ServiceConfigTest {

    private static ServiceConfig config(Map<String, String> file, Map<String, String> environment) {
        Properties properties = new Properties();
        properties.putAll(file);
        return ServiceConfig.from(properties, environment);
    }

    @Test
    void readsAFileAndLetsTheEnvironmentWin() {
        // When
        ServiceConfig config = config(
                Map.of(
                        "bootstrap.servers", "a:1",
                        "store.uri", "/store",
                        "worker.lock.duration", "45s",
                        "kafka.sasl.jaas.config", "very secret",
                        "schema.registry.url", "http://r:8081"),
                Map.of("FISSIONFUSION_BOOTSTRAP_SERVERS", "b:2", "FISSIONFUSION_WORKER_THREADS", "3", "HOME", "/x"));

        // Then
        assertThat(config.bootstrapServers()).isEqualTo("b:2");
        assertThat(config.store()).isEqualTo(new StoreSettings.Folder(Path.of("/store")));
        assertThat(config.worker().threads()).isEqualTo(3);
        assertThat(config.worker().lock()).isEqualTo(Duration.ofSeconds(45));
        assertThat(config.kafka()).containsEntry("sasl.jaas.config", "very secret");
        assertThat(config.registry()).containsEntry("schema.registry.url", "http://r:8081");
        assertThat(config.http()).isEqualTo(new HttpSettings("127.0.0.1", 0));
        assertThat(config.toString()).doesNotContain("very secret");
    }

    @Test
    void namesTheKeyThatIsWrong() {
        Map<String, String> good = Map.of("bootstrap.servers", "a:1", "store.uri", "/store");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_WORKER_THREDS", "3")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("worker.threds: an unknown key");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_WORKER_THREADS", "many")))
                .hasMessage("worker.threads: many is not allowed; allowed: a whole number");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_WORKER_LOCK_DURATION", "30")))
                .hasMessageContaining("worker.lock.duration");
        assertThatThrownBy(() -> config(Map.of("store.uri", "/s"), Map.of())).hasMessageContaining("bootstrap.servers");
        assertThatThrownBy(() -> config(Map.of("bootstrap.servers", "a:1"), Map.of()))
                .hasMessageContaining("store.uri");
    }

    @Test
    void takesSecretsFromFilesThatTheEnvironmentNames(@TempDir Path folder) throws IOException {
        // Given
        Path secret = Files.writeString(folder.resolve("jaas"), "very secret\n");
        Map<String, String> good = Map.of("bootstrap.servers", "a:1", "store.uri", "/store");

        // When
        ServiceConfig config = config(good, Map.of("FISSIONFUSION_KAFKA_SASL_JAAS_CONFIG_FILE", secret.toString()));

        // Then
        assertThat(config.kafka()).containsEntry("sasl.jaas.config", "very secret");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_HTTP_PORT_FILE", "/no/such")))
                .hasMessage("FISSIONFUSION_HTTP_PORT_FILE: /no/such is not allowed; allowed: a file that can be read");
    }

    @Test
    void leavesTheLaunchersVariablesAlone() {
        ServiceConfig config =
                config(Map.of("bootstrap.servers", "a:1", "store.uri", "/store"), Map.of("FISSIONFUSION_HEAP", "2g"));
        assertThat(config.worker().device()).isEqualTo("cpu");
    }

    @Test
    void refusesAConfigurationFileThatIsNotThere() {
        assertThatThrownBy(() -> ServiceConfig.load(Optional.of(Path.of("/no/such.properties")), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("/no/such.properties");
    }

    @Test
    void answersHealthRequests() throws Exception {
        List<String> faults = new ArrayList<>();
        List<String> waitsFor = new ArrayList<>(List.of("control table"));
        try (HttpHealth health = HttpHealth.start(new HttpSettings("127.0.0.1", 0), () -> faults, () -> waitsFor)) {
            assertThat(get(health, "live")).isEqualTo("200 ok\n");
            assertThat(get(health, "ready")).isEqualTo("503 control table\n");
            waitsFor.clear();
            assertThat(get(health, "ready")).isEqualTo("200 ok\n");
            faults.add("worker stopped");
            assertThat(get(health, "live")).isEqualTo("503 worker stopped\n");
        }
    }

    @Test
    void showsPrometheusWhatWasMeasured() throws Exception {
        // Given
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Metrics.addRegistry(registry);
        try (HttpHealth health = HttpHealth.start(new HttpSettings("127.0.0.1", 0), List::of, List::of)
                .withMetrics(registry::scrape)) {
            // When
            Meters.published(new TaskProgress("e", "t", 1, "w", "s", 0.1, 2, 4, 1, 2, 0.5, 120.0, 3.0, false));
            GpuMemory.note("0, 2, 81559");

            // Then
            URI uri = URI.create("http://127.0.0.1:" + health.port() + "/metrics");
            try (HttpClient client = HttpClient.newHttpClient()) {
                String text = client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                        .body();
                assertThat(text)
                        .contains("fissionfusion_training_images_per_second{worker=\"w\"} 120.0")
                        .contains("fissionfusion_training_epoch{worker=\"w\"} 2.0")
                        .contains("fissionfusion_gpu_memory_used_bytes{gpu=\"0\"} 2097152.0");
            }
        } finally {
            Metrics.removeRegistry(registry);
        }
    }

    @Test
    void writesALogMessageAsALineOfJson() throws Exception {
        // Given
        LoggingEvent event = new LoggingEvent();
        event.setLevel(Level.WARN);
        event.setMessage("a worker waits");
        event.setThreadName("main");
        event.setLoggerName("x.Y");
        event.setInstant(Instant.EPOCH);
        event.addKeyValuePair(new KeyValuePair("taskId", "e/t"));
        event.addKeyValuePair(new KeyValuePair("attempt", 2));

        // When
        String line = new String(new JsonLines().encode(event), StandardCharsets.UTF_8);

        // Then
        assertThat(line)
                .isEqualTo(
                        "{\"time\":\"1970-01-01T00:00:00Z\",\"level\":\"WARN\",\"thread\":\"main\",\"logger\":\"x.Y\","
                                + "\"message\":\"a worker waits\",\"taskId\":\"e/t\",\"attempt\":2}\n");
    }

    private static String get(HttpHealth health, String what) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + health.port() + "/health/" + what);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }
}
