package org.fissionfusion.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.fissionfusion.events.ExperimentCancelled;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.SoupLevel;
import org.fissionfusion.events.SoupMethod;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.local.cli.FissionFusion;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/clients.md, as they are printed there. */
class ClientsDocumentIT {
    private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();
    private static final Path DOCUMENT = PROJECT.resolve("docs/clients.md");
    private static final int PARTITIONS = 4;
    private static final String IMPORTS = """
            import java.time.Duration;
            import java.util.List;
            import java.util.Map;
            import org.apache.kafka.clients.consumer.*;
            import org.apache.kafka.clients.producer.*;
            import org.apache.kafka.common.serialization.*;
            import org.fissionfusion.events.*;
            import org.fissionfusion.schemas.*;
            """;

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;

    @BeforeEach
    void startABroker() {
        broker = new EmbeddedBroker(folder.resolve("kafka")).start();
        assertThat(FissionFusion.execute(
                        "topics", "-b", broker.bootstrapServers(), "--partitions", Integer.toString(PARTITIONS)))
                .isZero();
    }

    @AfterEach
    void stopTheBroker() {
        broker.close();
    }

    private static List<String> programs(String language) throws IOException {
        Matcher blocks =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCUMENT));
        List<String> programs = new ArrayList<>();
        while (blocks.find()) {
            programs.add(blocks.group(1));
        }
        assertThat(programs).as("a consumer and a producer in " + language).hasSize(2);
        return programs;
    }

    private void runJava(String program) throws Exception {
        Path source = folder.resolve("Program.java");
        Files.writeString(
                source,
                IMPORTS + "public class Program { public static void run(String brokers, String registry)"
                        + " throws Exception {\n" + program + "\n} }\n");
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        complaints,
                        complaints,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        source.toString());
        assertThat(code).as(complaints.toString(StandardCharsets.UTF_8)).isZero();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass("Program")
                    .getMethod("run", String.class, String.class)
                    .invoke(null, broker.bootstrapServers(), "mock://clients");
        }
    }

    private <T extends SpecificRecord> void send(Topic<T> topic, String registry, T value) throws Exception {
        var serde = SerdeFactory.from(Map.of("schema.registry.url", registry)).valuesOf(topic);
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                serde.serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), "tiny", value)).get();
        }
    }

    private <T extends SpecificRecord> ConsumerRecord<String, T> first(Topic<T> topic, String registry) {
        var serde = SerdeFactory.from(Map.of("schema.registry.url", registry)).valuesOf(topic);
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", broker.bootstrapServers(), "group.id", "test", "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), serde.deserializer())) {
            consumer.subscribe(List.of(topic.name()));
            while (true) {
                for (ConsumerRecord<String, T> record : consumer.poll(Duration.ofSeconds(1))) {
                    return record;
                }
            }
        }
    }

    private static SoupReady soup() {
        return SoupReady.newBuilder()
                .setExperimentId("tiny")
                .setSoupId("tiny/greedy")
                .setStrategy("greedy")
                .setLevel(SoupLevel.GLOBAL)
                .setGroup(Map.of())
                .setMethod(SoupMethod.GREEDY)
                .setRecipe(new Recipe(List.of(), 1))
                .setIngredients(List.of())
                .setFile(new StoredFile("soups/greedy.safetensors", "0".repeat(64), 1L))
                .setWeightsDigest("digest")
                .setScores(List.of())
                .setTastings(1)
                .setEpochs(1)
                .build();
    }

    @Test
    void theJavaConsumerPrintsServedSoups() throws Exception {
        // Given
        send(Topics.GLOBAL_SOUP_READY, "mock://clients", soup());
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        List<Throwable> ends = new ArrayList<>();
        Thread reader = new Thread(() -> {
            try {
                runJava(programs("java").getFirst());
            } catch (Exception e) {
                ends.add(e.getCause() == null ? e : e.getCause());
            }
        });

        // When
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            reader.start();
            while (reader.isAlive() && !printed.toString(StandardCharsets.UTF_8).contains("tiny/greedy")) {
                Thread.sleep(50);
            }
            reader.interrupt();
            reader.join();
        } finally {
            System.setOut(before);
        }

        // Then
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("tiny/greedy soups/greedy.safetensors");
        assertThat(ends).singleElement().isInstanceOf(InterruptException.class);
    }

    @Test
    void theJavaProducerCancels() throws Exception {
        runJava(programs("java").getLast());
        ConsumerRecord<String, ExperimentCommand> record = first(Topics.EXPERIMENT_COMMANDS, "mock://clients");
        assertThat(record.key()).isEqualTo("exp-42");
        assertThat(record.value()).isEqualTo(new ExperimentCommand("exp-42", new ExperimentCancelled("enough")));
    }

    @Test
    void thePythonConsumerPrintsStatuses() throws Exception {
        send(
                Topics.EXPERIMENT_STATUS,
                "bundled://",
                new ExperimentStatus("tiny", "GENERATING", "", "digest", 3, 10, Priority.NORMAL));
        assertThat(runPython(programs("python").getFirst().replace("poll(20)", "poll(8)")))
                .startsWith("tiny {")
                .contains("'phase': 'GENERATING'", "'tasksDone': 3");
    }

    @Test
    void thePythonProducerCancelsInTheRightPartition() throws Exception {
        runPython(programs("python").getLast());
        ConsumerRecord<String, ExperimentCommand> record = first(Topics.EXPERIMENT_COMMANDS, "bundled://");
        assertThat(record.value()).isEqualTo(new ExperimentCommand("tiny", new ExperimentCancelled("enough")));
        int javas = Utils.toPositive(Utils.murmur2("tiny".getBytes(StandardCharsets.UTF_8))) % PARTITIONS;
        assertThat(record.partition()).isEqualTo(javas);
    }

    private String runPython(String program) throws Exception {
        Path python = Stream.of("/usr/bin/python3", "/usr/local/bin/python3")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of("python3"));
        assumeTrue(
                python.isAbsolute()
                        && new ProcessBuilder(python.toString(), "-c", "import avro.schema, confluent_kafka")
                                        .redirectErrorStream(true)
                                        .redirectOutput(
                                                folder.resolve("imports").toFile())
                                        .start()
                                        .waitFor()
                                == 0,
                "there is no Python with avro and confluent_kafka");
        Path output = folder.resolve("output");
        int code = new ProcessBuilder(
                        python.toString(), "-c", program.replace("127.0.0.1:9092", broker.bootstrapServers()))
                .directory(PROJECT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        String text = Files.readString(output);
        assertThat(code).as(text).isZero();
        return text;
    }
}
