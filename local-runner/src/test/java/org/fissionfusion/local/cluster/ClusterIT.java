package org.fissionfusion.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Priority;
import org.fissionfusion.local.cli.FissionFusion;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.local.run.Cookbook;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.SouperService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIT {
    private static final Pattern PORT = Pattern.compile("health and metrics are served.*port=\"(\\d+)\"");

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void startABroker() {
        broker = new EmbeddedBroker(folder.resolve("kafka")).start();
    }

    @AfterEach
    void stopEverything() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        broker.close();
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--bootstrap-servers", broker.bootstrapServers()));
        return FissionFusion.execute(line.toArray(String[]::new));
    }

    private KafkaClients clients() {
        return new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), SerdeFactory.bundled(), "test");
    }

    private void set(ConfigResource.Type type, String name, String key, String value) throws Exception {
        try (Admin admin = clients().admin()) {
            AlterConfigOp operation = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(type, name), List.of(operation)))
                    .all()
                    .get();
        }
    }

    private String get(ConfigResource.Type type, String name, String key) throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        try (Admin admin = clients().admin()) {
            return admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(key)
                    .value();
        }
    }

    @Test
    void makesTopicsAndGroupsThatAreMissingAndLeavesWhatASiteHasSet() throws Exception {
        // Given
        assertThat(run("topics", "--verify")).isEqualTo(1);
        assertThat(run("topics")).isZero();
        assertThat(get(ConfigResource.Type.GROUP, "trainers", "share.auto.offset.reset"))
                .isEqualTo("earliest");

        // When a site chooses
        set(ConfigResource.Type.TOPIC, "progress", "retention.ms", "86400000");
        set(ConfigResource.Type.GROUP, "trainers", "share.record.lock.duration.ms", "20000");

        // Then
        assertThat(run("topics")).isZero();
        assertThat(get(ConfigResource.Type.TOPIC, "progress", "retention.ms")).isEqualTo("86400000");
        assertThat(get(ConfigResource.Type.GROUP, "trainers", "share.record.lock.duration.ms"))
                .isEqualTo("20000");

        // When a site breaks something
        set(ConfigResource.Type.TOPIC, "results", "retention.ms", "86400000");
        assertThat(run("topics", "--json")).isEqualTo(1);
        set(ConfigResource.Type.TOPIC, "results", "retention.ms", "-1");
        set(ConfigResource.Type.GROUP, "evaluators", "share.auto.offset.reset", "latest");

        // Then
        assertThat(run("topics")).isEqualTo(1);
        assertThat(get(ConfigResource.Type.GROUP, "evaluators", "share.auto.offset.reset"))
                .isEqualTo("latest");
    }

    @Test
    void runsASouperAsAProcessAndLetsAUserSubmitPauseResumeAndCancel() throws Exception {
        // Given
        Path request = Cookbook.request(folder.resolve("kitchen"));
        String store = folder.resolve("store").toString();
        Process souper = start(SouperService.class, Map.of());
        int port = port(souper);
        assertThat(get(port, "/health/live")).isEqualTo(200);
        assertThat(get(port, "/health/ready")).isEqualTo(503);
        assertThat(run("topics", "--partitions", "1")).isZero();
        for (int i = 0; i < 600 && get(port, "/health/ready") != 200; i++) {
            Thread.sleep(100);
        }
        assertThat(get(port, "/health/ready")).isEqualTo(200);

        // When
        assertThat(run("submit", request.toString(), "--store", store)).isZero();
        assertThat(run("submit", request.toString(), "--store", store)).isZero();
        assertThat(run("submit", request.toString(), "--store", store, "--set", "training.fineTune.seed=2"))
                .isEqualTo(2);
        assertThat(run("list", "--json")).isZero();
        assertThat(run("pause", "tiny")).isZero();
        assertThat(run("resume", "tiny")).isZero();
        assertThat(run("pause", "unknown")).isEqualTo(2);
        assertThat(run("priority", "tiny", "high")).isZero();
        assertThat(run("priority", "tiny", "urgent")).isEqualTo(2);
        assertThat(run("priority", "unknown", "high")).isEqualTo(2);
        try (LatestRows<ExperimentStatus> statuses = LatestRows.read(clients(), Topics.EXPERIMENT_STATUS)) {
            assertThat(statuses.row("tiny").orElseThrow().getPriority()).isEqualTo(Priority.HIGH);
        }
        assertThat(run("cancel", "tiny", "--reason", "enough")).isZero();

        // Then
        try (LatestRows<ExperimentStatus> statuses = LatestRows.read(clients(), Topics.EXPERIMENT_STATUS)) {
            ExperimentStatus status = statuses.row("tiny").orElseThrow();
            assertThat(status.getPhase()).isEqualTo("CANCELLED");
            assertThat(status.getReason()).isEqualTo("enough");
        }
        assertThat(run("resume", "tiny")).isEqualTo(2);
        souper.destroy();
        assertThat(souper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(souper.exitValue()).isZero();
    }

    @Test
    void showsDeadLettersAndSendsTheirRecordsAgain() throws Exception {
        // Given a letter of a record that a souper could not handle
        assertThat(run("topics", "--partitions", "1")).isZero();
        byte[] record = {1, 2, 3};
        try (EventPublisher publisher = new EventPublisher(clients())) {
            publisher.deadLetter(
                    new ConsumerRecord<>(Topics.EXPERIMENT_COMMANDS.name(), 0, 7, "tiny", record),
                    "no magic byte",
                    null);
        }

        // When
        assertThat(run("deadletters", "list", "--json")).isZero();
        assertThat(run("deadletters", "replay", "experiment-commands-0@7")).isZero();
        assertThat(run("deadletters", "replay", "experiment-commands-0@8")).isEqualTo(2);
        assertThat(run("deadletters", "replay")).isEqualTo(2);

        // Then
        try (Consumer<String, byte[]> consumer = clients().consumer("commands")) {
            consumer.assign(List.of(new TopicPartition(Topics.EXPERIMENT_COMMANDS.name(), 0)));
            List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
            while (found.isEmpty()) {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
            assertThat(found).singleElement().satisfies(sent -> {
                assertThat(sent.key()).isEqualTo("tiny");
                assertThat(sent.value()).isEqualTo(record);
            });
        }
    }

    @Test
    void refusesToStartAServiceWithAKeyItDoesNotKnow() throws Exception {
        Process souper = start(SouperService.class, Map.of("FISSIONFUSION_STORE_URIS", "/x"));
        assertThat(souper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(souper.exitValue()).isEqualTo(2);
        assertThat(new String(souper.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("store.uris: an unknown key");
    }

    private Process start(Class<?> service, Map<String, String> more) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                service.getName());
        builder.environment()
                .putAll(Map.of(
                        "FISSIONFUSION_BOOTSTRAP_SERVERS", broker.bootstrapServers(),
                        "FISSIONFUSION_STORE_URI", folder.resolve("store").toString(),
                        "FISSIONFUSION_WORKER_FOLDER", folder.resolve("work").toString()));
        builder.environment().putAll(more);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private static int port(Process process) throws Exception {
        BufferedReader log = process.errorReader();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                Thread.ofPlatform().daemon().start(() -> log.lines().forEach(_ -> {}));
                return Integer.parseInt(matcher.group(1));
            }
        }
        throw new AssertionError("the service ended with " + process.waitFor());
    }

    private static int get(int port, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
