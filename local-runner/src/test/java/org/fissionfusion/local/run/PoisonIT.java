package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every topic that a service reads, every way in which a record can be undecodable, in a running experiment. */
class PoisonIT {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Topics that services read, and the enum of a record of theirs, if it has one. */
    private static final Map<Topic<? extends SpecificRecord>, List<String>> READ = new LinkedHashMap<>();

    static {
        READ.put(Topics.EXPERIMENT_COMMANDS, List.of("command", "selection", "metric"));
        READ.put(Topics.TRAINING_TASKS, List.of("stage"));
        READ.put(Topics.EVALUATION_TASKS, List.of("metric"));
        READ.put(Topics.RESULTS, List.of("result", "stage"));
        READ.put(Topics.PROGRESS, List.of());
        READ.put(Topics.EXPERIMENT_CONTROL, List.of());
    }

    @TempDir
    private Path out;

    private final Queue<DeadLetter> letters = new ConcurrentLinkedQueue<>();

    @Test
    void putsEveryKindOfPoisonOnEveryTopicAsideAndGoesOn() throws Exception {
        // Given a run whose first checkpoint is saved
        Path request = TinyExperiment.prepare(out);
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Integer> run = threads.submit(() -> TinyExperiment.run(out, request));
            KafkaClients clients = clients(run);
            List<String> expected = new ArrayList<>();
            try (EventStream<DeadLetter> _ = EventStream.start(
                            clients, Topics.DEAD_LETTERS, event -> event.value().ifPresent(letters::add));
                    Producer<String, byte[]> producer = clients.producer("poisoner")) {
                first(
                        clients,
                        Topics.RESULTS,
                        result -> result instanceof TaskResult one && one.getResult() instanceof CheckpointSaved,
                        run);

                // When
                for (var topic : READ.entrySet()) {
                    for (var poison : poisons(clients, topic.getKey(), topic.getValue(), run)
                            .entrySet()) {
                        String key = "poison: " + poison.getKey();
                        producer.send(new ProducerRecord<>(topic.getKey().name(), key, poison.getValue()))
                                .get();
                        expected.add(topic.getKey().name() + " " + key);
                    }
                }
                await(() -> found().containsAll(expected), "a dead letter for each of " + expected);
            }

            // Then
            assertThat(run.get(PATIENCE.toMinutes(), TimeUnit.MINUTES)).isZero();
            assertThat(found())
                    .containsOnlyOnceElementsOf(expected.stream()
                            .filter(one ->
                                    !one.startsWith(Topics.EXPERIMENT_CONTROL.name())) // each worker reads this one
                            .toList());
            assertThat(letters).allSatisfy(letter -> {
                assertThat(letter.getReason()).isNotBlank();
                assertThat(letter.getStack()).contains("Exception");
                assertThat(letter.getService()).isNotBlank();
                assertThat(letter.getOriginOffset()).isNotNegative();
            });
        }
        assertThat(RunProcess.soups(out)).isEqualTo(UndisturbedRun.soups());
    }

    private List<String> found() {
        return letters.stream()
                .map(letter -> letter.getOriginTopic() + " " + letter.getOriginKey())
                .toList();
    }

    private Map<String, byte[]> poisons(
            KafkaClients clients, Topic<? extends SpecificRecord> topic, List<String> enumPath, Future<?> run)
            throws Exception {
        byte[] sound = first(
                clients,
                topic,
                record -> !topic.equals(Topics.RESULTS)
                        || (record instanceof TaskResult one && one.getResult() instanceof CheckpointSaved),
                run);
        Topic<? extends SpecificRecord> other =
                topic.equals(Topics.EXPERIMENT_COMMANDS) ? Topics.PROGRESS : Topics.EXPERIMENT_COMMANDS;
        Map<String, byte[]> poisons = new LinkedHashMap<>();
        poisons.put("no Avro", "no Avro at all".getBytes(StandardCharsets.UTF_8));
        poisons.put("nothing but a byte", new byte[] {0});
        poisons.put("wrong magic byte", Poisons.changed(sound, 0, (byte) 1));
        poisons.put("unknown schema", Poisons.changed(sound, 1, (byte) 0x7f));
        poisons.put("truncated", Arrays.copyOf(sound, sound.length / 2));
        poisons.put("bytes left over", Arrays.copyOf(sound, sound.length + 3));
        poisons.put("another type", first(clients, other, _ -> true, run));
        poisons.put("asks for two gigabytes", Poisons.hugeLength(sound));
        poisons.put("oversized", Poisons.oversized());
        if (!topic.equals(Topics.EXPERIMENT_CONTROL)) { // there a record without a value takes a row away
            poisons.put("no value", null);
        }
        if (!enumPath.isEmpty()) {
            poisons.put("unknown enum symbol", Poisons.unknownSymbol(topic, sound, enumPath));
        }
        return poisons;
    }

    private KafkaClients clients(Future<?> run) throws Exception {
        await(() -> run.isDone() || RunProcess.clientsOf(out).isPresent(), "a broker");
        return RunProcess.clientsOf(out).orElseThrow();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition, String what) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(50);
        }
    }

    /** The bytes of the first record of a topic that is as wanted. */
    private static <T extends SpecificRecord> byte[] first(
            KafkaClients clients, Topic<T> topic, Predicate<SpecificRecord> wanted, Future<?> run) throws Exception {
        Queue<byte[]> found = new ConcurrentLinkedQueue<>();
        try (EventStream<T> _ = EventStream.start(
                clients,
                topic,
                event -> event.value()
                        .filter(wanted)
                        .ifPresent(record ->
                                found.add(clients.valuesOf(topic).serializer().serialize(topic.name(), record))))) {
            await(() -> !found.isEmpty() || run.isDone(), "a record of " + topic.name());
        }
        if (found.isEmpty()) {
            throw new AssertionError(
                    "the run ended with " + run.get() + " before there was a record of " + topic.name());
        }
        return found.peek();
    }
}
