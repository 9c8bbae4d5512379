package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint whose bytes change on disk after it was scored is found, put aside, and the experiment goes on. */
class AlteredFileIT {
    private static final String ALTERED = "tiny/fine-tune/lr=1e-4/aug=heavy/seed=1";

    @TempDir
    private Path folder;

    @Test
    void losesTheAlteredCheckpointAndNothingElse() throws Exception {
        Path out = folder.resolve("altered");
        Path request = TinyExperiment.prepare(folder.resolve("input"));
        Path file;
        try (RunProcess run = RunProcess.start(request, out)) {
            file = out.resolve("store").resolve(keyOnceTastingBegins(out, run));
            run.kill();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.write(file, bytes);

        List<DeadLetter> letters = new CopyOnWriteArrayList<>();
        try (RunProcess again = RunProcess.start(request, out)) {
            try (EventStream<DeadLetter> _ = EventStream.start(
                    clients(out, again),
                    Topics.DEAD_LETTERS,
                    event -> event.value().ifPresent(letters::add))) {
                assertThat(again.endsWithin(Duration.ofMinutes(10))).isTrue();
            }
            assertThat(again.process().exitValue())
                    .as(Files.readString(RunProcess.output(out)))
                    .isZero();
        }

        JsonNode results = ResultsFile.read(out.resolve("results.json"));
        assertThat(results.path("checkpoints").valueStream())
                .filteredOn(row -> row.has("lost"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.path("id").asText()).isEqualTo(ALTERED);
                    assertThat(row.has("file")).isFalse();
                    assertThat(row.path("lost").asText())
                            .contains(file.getFileName().toString(), "was altered");
                });
        for (String soup : List.of("uniform", "greedy", "GoU/learningRate=1e-3")) {
            assertThat(accepted(results, soup)).as(soup).isNotEmpty().doesNotContain(ALTERED);
        }
        assertThat(letters)
                .extracting(DeadLetter::getReason)
                .anySatisfy(reason -> assertThat(reason).contains("was altered"));
    }

    private static List<String> accepted(JsonNode results, String soup) {
        return results.path("soups")
                .valueStream()
                .filter(row -> row.path("id").asText().endsWith("soup/" + soup))
                .flatMap(row -> row.path("ingredients").valueStream())
                .filter(row -> row.path("accepted").asBoolean())
                .map(row -> row.path("id").asText())
                .toList();
    }

    /** The key of the checkpoint that will be altered, when all are scored and the first soup is tasted. */
    private static String keyOnceTastingBegins(Path out, RunProcess run) throws Exception {
        CompletableFuture<String> key = new CompletableFuture<>();
        CompletableFuture<Void> tasting = new CompletableFuture<>();
        KafkaClients clients = clients(out, run);
        try (EventStream<TaskResult> _ = EventStream.start(
                        clients,
                        Topics.RESULTS,
                        event -> event.value()
                                .filter(result -> result.getResult() instanceof CheckpointSaved saved
                                        && saved.getCheckpointId().equals(ALTERED))
                                .ifPresent(result -> key.complete(((CheckpointSaved) result.getResult())
                                        .getFile()
                                        .getKey())));
                EventStream<EvaluationTask> _ = EventStream.start(
                        clients,
                        Topics.EVALUATION_TASKS,
                        event -> event.value()
                                .filter(task -> task.getWork() instanceof Scoring scoring && scoring.getTasting())
                                .ifPresent(_ -> tasting.complete(null)))) {
            tasting.get(10, TimeUnit.MINUTES);
            return key.get(1, TimeUnit.MINUTES);
        }
    }

    private static KafkaClients clients(Path out, RunProcess run) throws Exception {
        Path topics = out.resolve("store").resolve("data");
        while (!Files.exists(topics)) {
            assertThat(run.endsWithin(Duration.ofMillis(20)))
                    .as("ends before it begins")
                    .isFalse();
        }
        Optional<KafkaClients> clients = RunProcess.clientsOf(out);
        while (clients.isEmpty()) {
            assertThat(run.endsWithin(Duration.ofMillis(20)))
                    .as("ends before it begins")
                    .isFalse();
            clients = RunProcess.clientsOf(out);
        }
        return clients.orElseThrow();
    }
}
