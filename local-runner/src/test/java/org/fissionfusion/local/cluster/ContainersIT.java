package org.fissionfusion.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.local.cli.FissionFusion;
import org.fissionfusion.local.run.Cookbook;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.trainer.TrainerService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.EnabledIfDockerAvailable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The services against Kafka and a schema registry as others publish them, in containers. */
@EnabledIfDockerAvailable
class ContainersIT {
    private static final DockerImageName KAFKA = image("KAFKA_IMAGE", "apache/kafka:4.3.1");
    private static final DockerImageName REGISTRY = image("REGISTRY_IMAGE", "apicurio/apicurio-registry:3.3.3");
    private static final int REGISTRY_PORT = 8080;
    private static final String API = "/apis/ccompat/v7";

    @TempDir
    private Path folder;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private String brokers;
    private String registry;

    /** The images of docker-compose.yml, unless the same variables say otherwise. */
    private static DockerImageName image(String variable, String otherwise) {
        return DockerImageName.parse(
                Optional.ofNullable(System.getenv(variable)).orElse(otherwise));
    }

    @BeforeEach
    void startContainers() {
        KafkaContainer kafka = new KafkaContainer(KAFKA.asCompatibleSubstituteFor("apache/kafka"))
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        GenericContainer<?> server = new GenericContainer<>(REGISTRY)
                .withEnv("QUARKUS_HTTP_PORT", Integer.toString(REGISTRY_PORT))
                .withExposedPorts(REGISTRY_PORT)
                .waitingFor(Wait.forHttp(API + "/subjects").withStartupTimeout(Duration.ofMinutes(3)));
        for (GenericContainer<?> container : List.of(kafka, server)) {
            parts.push(container);
            try {
                container.start();
            } catch (ContainerFetchException e) {
                Assumptions.abort("an image cannot be had: " + e.getMessage());
            }
        }
        brokers = kafka.getBootstrapServers();
        registry = "http://" + server.getHost() + ":" + server.getMappedPort(REGISTRY_PORT) + API;
    }

    @AfterEach
    void stopEverything() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--bootstrap-servers", brokers, "--schema-registry", registry));
        return FissionFusion.execute(line.toArray(String[]::new));
    }

    private ServiceConfig config(String name) throws Exception {
        return ServiceConfig.load(
                Optional.empty(),
                Map.of(
                        "FISSIONFUSION_BOOTSTRAP_SERVERS", brokers,
                        "FISSIONFUSION_SCHEMA_REGISTRY_URL", registry,
                        "FISSIONFUSION_STORE_URI", folder.resolve("store").toString(),
                        "FISSIONFUSION_WORKER_NAME", name,
                        "FISSIONFUSION_WORKER_FOLDER",
                                folder.resolve("work").resolve(name).toString()));
    }

    private void start(Service service) {
        parts.push(service);
    }

    @Test
    void makesTheSoupsOfARunInOneProcess() throws Exception {
        // Given
        Path request = Cookbook.request(folder.resolve("kitchen"));
        String store = folder.resolve("store").toString();
        Path fetched = folder.resolve("fetched");
        assertThat(run("topics", "--partitions", "2", "--replication", "1")).isZero();
        start(SouperService.launch(config("souper-1")));
        start(EvaluatorService.launch(config("evaluator-1")));
        start(TrainerService.launch(config("trainer-1")));

        // When
        assertThat(run("submit", request.toString(), "--store", store)).isZero();
        assertThat(run("watch", "tiny")).isZero();
        assertThat(run("fetch", "tiny", "--store", store, "--out", fetched.toString()))
                .isZero();

        // Then
        assertThat(Cookbook.soups(fetched)).isEqualTo(Cookbook.soups()).isNotEmpty();
        assertThat(subjects()).contains("experiment-commands-value", "training-tasks-value", "results-value");
    }

    private String subjects() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(registry + "/subjects"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
