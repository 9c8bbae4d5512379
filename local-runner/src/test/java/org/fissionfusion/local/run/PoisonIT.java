package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
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
    private static final int HEADER = 5;

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
        poisons.put("wrong magic byte", changed(sound, 0, (byte) 1));
        poisons.put("unknown schema", changed(sound, 1, (byte) 0x7f));
        poisons.put("truncated", Arrays.copyOf(sound, sound.length / 2));
        poisons.put("bytes left over", Arrays.copyOf(sound, sound.length + 3));
        poisons.put("another type", first(clients, other, _ -> true, run));
        poisons.put("asks for two gigabytes", hugeLength(sound));
        poisons.put("oversized", oversized());
        if (!topic.equals(Topics.EXPERIMENT_CONTROL)) { // there a record without a value takes a row away
            poisons.put("no value", null);
        }
        if (!enumPath.isEmpty()) {
            poisons.put("unknown enum symbol", unknownSymbol(topic, sound, enumPath));
        }
        return poisons;
    }

    private static byte[] changed(byte[] sound, int index, byte value) {
        byte[] bytes = sound.clone();
        bytes[index] = value;
        return bytes;
    }

    /** As much as a broker takes, and more than fits into a dead letter as it is. */
    private static byte[] oversized() {
        byte[] bytes = new byte[1_000_000];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }

    private static byte[] hugeLength(byte[] sound) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(sound, 0, HEADER);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeLong(Integer.MAX_VALUE - 100);
        return bytes.toByteArray();
    }

    /** The record as a program would write it whose enums have one symbol more. */
    private static byte[] unknownSymbol(Topic<? extends SpecificRecord> topic, byte[] sound, List<String> path)
            throws Exception {
        Schema known = topic.valueType().getDeclaredConstructor().newInstance().getSchema();
        Schema newer = new Schema.Parser().parse(known.toString().replace("\"UNKNOWN\"]", "\"UNKNOWN\",\"NEWER\"]"));
        GenericRecord record = new GenericDatumReader<GenericRecord>(newer)
                .read(null, DecoderFactory.get().binaryDecoder(sound, HEADER, sound.length - HEADER, null));
        GenericRecord holder = record;
        for (String name : path.subList(0, path.size() - 1)) {
            holder = (GenericRecord) holder.get(name);
        }
        Schema symbols = holder.getSchema().getField(path.getLast()).schema();
        holder.put(path.getLast(), new GenericData.EnumSymbol(symbols, "NEWER"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(sound, 0, HEADER);
        new GenericDatumWriter<GenericRecord>(newer)
                .write(record, EncoderFactory.get().directBinaryEncoder(bytes, null));
        return bytes.toByteArray();
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
