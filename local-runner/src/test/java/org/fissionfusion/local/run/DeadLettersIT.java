package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.local.cli.FissionFusion;
import org.fissionfusion.local.cluster.Commands;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;
import org.fissionfusion.souper.SouperService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands do with each kind of record that services could not handle. */
class DeadLettersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    private final Queue<TaskResult> results = new ConcurrentLinkedQueue<>();
    private List<Service> services = List.of();
    private EmbeddedBroker broker;
    private KafkaClients clients;

    @Test
    void listsEveryKindOfPoisonAndSendsItAgain() throws Exception {
        FolderStore store = new FolderStore(folder.resolve("store"));
        ExperimentRequest request = ChaosExperiment.request(folder.resolve("input"), store, Map.of());
        broker = new EmbeddedBroker(folder.resolve("kafka")).start();
        clients = new KafkaClients(
                Map.of("bootstrap.servers", broker.bootstrapServers()), SerdeFactory.bundled(), "test");
        try (Admin admin = clients.admin()) {
            TopicSetup.LOCAL.createMissing(admin);
        }
        ServiceConfig config = ServiceConfig.local(
                broker.bootstrapServers(), store.root(), new WorkerSettings("w", 1, Duration.ofSeconds(4)));
        try (Service souper = SouperService.start(config, folder.resolve("souper"));
                Service evaluator = EvaluatorService.of(config).start();
                EventStream<TaskResult> _ = EventStream.start(
                        clients, Topics.RESULTS, event -> event.value().ifPresent(results::add))) {
            services = List.of(souper, evaluator);

            // Given a request whose weights are missing, and records that nobody can decode
            Path weights = store.root().resolve(request.model().weights().key());
            Path aside = folder.resolve("aside");
            Files.move(weights, aside);
            new Commands(clients, PATIENCE).submit(request);
            EvaluationTask task = firstTask();
            poison(Topics.EXPERIMENT_COMMANDS, command(request), List.of("command", "selection", "metric"));
            poison(Topics.EVALUATION_TASKS, encoded(Topics.EVALUATION_TASKS, task), List.of("metric"));

            // When
            Map<String, JsonNode> letters = listed(11);

            // Then each is listed with its origin, its reason and its stack
            assertThat(letters.values()).allSatisfy(letter -> {
                assertThat(letter.path("reason").asText()).isNotBlank();
                assertThat(letter.path("stack").asText()).contains("Exception");
                assertThat(letter.path("service").asText()).isNotBlank();
            });
            for (String topic : List.of("experiment-commands-0@", "evaluation-tasks-0@")) {
                assertThat(reasons(letters, topic, "unknown schema")).contains("no bundled schema with id");
                assertThat(reasons(letters, topic, "wrong magic byte")).contains("wire format");
                assertThat(reasons(letters, topic, "truncated")).contains("not a org.fissionfusion.events");
                assertThat(reasons(letters, topic, "oversized")).contains("wire format", "value cut");
                assertThat(reasons(letters, topic, "unknown enum symbol")).isNotBlank();
            }
            assertThat(reasons(letters, "evaluation-tasks-0@", task.getTaskId()))
                    .contains(request.model().weights().key());

            // When the weights are back and all are sent again, but for those that no letter holds whole
            Files.move(aside, weights);
            for (Map.Entry<String, JsonNode> letter : letters.entrySet()) {
                boolean whole = !letter.getValue().path("key").asText().contains("oversized");
                assertThat(run("deadletters", "replay", letter.getKey())).isEqualTo(whole ? 0 : 2);
            }

            // Then poison is among the dead letters again, and the task is done
            assertThat(listed(11 + 8)).hasSize(11 + 8);
            await(() -> results.stream().anyMatch(result -> result.getResult() instanceof EvaluationCompleted));
        }
        broker.close();
    }

    private static byte[] command(ExperimentRequest request) {
        return encoded(
                Topics.EXPERIMENT_COMMANDS,
                new ExperimentCommand(request.experimentId(), RequestMapper.toEvent(request)));
    }

    private static <T extends SpecificRecord> byte[] encoded(Topic<T> topic, T value) {
        return SerdeFactory.bundled().valuesOf(topic).serializer().serialize(topic.name(), value);
    }

    private EvaluationTask firstTask() throws Exception {
        Queue<EvaluationTask> tasks = new ConcurrentLinkedQueue<>();
        try (EventStream<EvaluationTask> _ = EventStream.start(
                clients, Topics.EVALUATION_TASKS, event -> event.value().ifPresent(tasks::add))) {
            await(() -> !tasks.isEmpty());
        }
        return tasks.peek();
    }

    private void poison(Topic<? extends SpecificRecord> topic, byte[] sound, List<String> enumPath) throws Exception {
        Map<String, byte[]> poisons = new LinkedHashMap<>();
        poisons.put("unknown schema", Poisons.changed(sound, 1, (byte) 0x7f));
        poisons.put("wrong magic byte", Poisons.changed(sound, 0, (byte) 1));
        poisons.put("truncated", Arrays.copyOf(sound, sound.length / 2));
        poisons.put("oversized", Poisons.oversized());
        poisons.put("unknown enum symbol", Poisons.unknownSymbol(topic, sound, enumPath));
        try (Producer<String, byte[]> producer = clients.producer("poisoner")) {
            for (Map.Entry<String, byte[]> poison : poisons.entrySet()) {
                producer.send(new ProducerRecord<>(topic.name(), poison.getKey(), poison.getValue()))
                        .get();
            }
        }
    }

    private static String reasons(Map<String, JsonNode> letters, String origin, String key) {
        return letters.entrySet().stream()
                .filter(letter -> letter.getKey().startsWith(origin))
                .filter(letter -> letter.getValue().path("key").asText().equals(key))
                .map(letter -> letter.getValue().path("reason").asText())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no letter of " + origin + " " + key + " in " + letters));
    }

    /** What {@code deadletters list} prints, once there are so many letters: origin to letter. */
    private Map<String, JsonNode> listed(int count) throws Exception {
        Map<String, JsonNode> letters = new LinkedHashMap<>();
        await(() -> {
            letters.clear();
            for (String line : printed("deadletters", "list", "--json").lines().toList()) {
                JsonNode letter = new ObjectMapper().readTree(line);
                letters.put(letter.path("origin").asText(), letter);
            }
            return letters.size() >= count;
        });
        return letters;
    }

    private String printed(String... arguments) {
        PrintStream terminal = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(run(arguments)).isZero();
        } finally {
            System.setOut(terminal);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--bootstrap-servers", broker.bootstrapServers()));
        return FissionFusion.execute(line.toArray(String[]::new));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(services).flatExtracting(Service::faults).isEmpty();
            assertThat(System.nanoTime()).as("within %s", PATIENCE).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
