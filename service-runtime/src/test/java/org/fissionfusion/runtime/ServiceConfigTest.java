package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

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
                        "store.root", "/store",
                        "worker.lock.duration", "45s",
                        "kafka.sasl.jaas.config", "very secret",
                        "schema.registry.url", "http://r:8081"),
                Map.of("FISSIONFUSION_BOOTSTRAP_SERVERS", "b:2", "FISSIONFUSION_WORKER_THREADS", "3", "HOME", "/x"));

        // Then
        assertThat(config.bootstrapServers()).isEqualTo("b:2");
        assertThat(config.storeRoot()).isEqualTo(Path.of("/store"));
        assertThat(config.worker().threads()).isEqualTo(3);
        assertThat(config.worker().lock()).isEqualTo(Duration.ofSeconds(45));
        assertThat(config.kafka()).containsEntry("sasl.jaas.config", "very secret");
        assertThat(config.registry()).containsEntry("schema.registry.url", "http://r:8081");
        assertThat(config.http()).isEqualTo(new HttpSettings("127.0.0.1", 0));
        assertThat(config.toString()).doesNotContain("very secret");
    }

    @Test
    void namesTheKeyThatIsWrong() {
        Map<String, String> good = Map.of("bootstrap.servers", "a:1", "store.root", "/store");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_WORKER_THREDS", "3")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("worker.threds: an unknown key");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_WORKER_THREADS", "many")))
                .hasMessage("worker.threads: many is not allowed; allowed: a whole number");
        assertThatThrownBy(() -> config(good, Map.of("FISSIONFUSION_WORKER_LOCK_DURATION", "30")))
                .hasMessageContaining("worker.lock.duration");
        assertThatThrownBy(() -> config(Map.of("store.root", "/s"), Map.of()))
                .hasMessageContaining("bootstrap.servers");
        assertThatThrownBy(() -> config(Map.of("bootstrap.servers", "a:1"), Map.of()))
                .hasMessageContaining("store.root");
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

    private static String get(HttpHealth health, String what) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + health.port() + "/health/" + what);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }
}
