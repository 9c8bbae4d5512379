package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.fissionfusion.local.Main;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.SerdeFactory;

/** The {@code run} command as a process of its own. */
record RunProcess(Process process, Instant started) implements AutoCloseable {

    static RunProcess start(Path request, Path out) throws IOException {
        Files.createDirectories(out);
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "run",
                request.toString(),
                "--out",
                out.toString(),
                "--trainers",
                "2"));
        Instant now = Instant.now();
        return new RunProcess(
                builder.redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(output(out).toFile()))
                        .start(),
                now);
    }

    /** What the processes of an output folder have printed, one after the other. */
    static Path output(Path out) {
        return out.resolveSibling(out.getFileName() + ".txt");
    }

    /** @return false when it still runs after the time */
    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Clients of the broker that runs in the folder, once it has chosen its port. */
    static Optional<KafkaClients> clientsOf(Path out) throws IOException {
        Path file = out.resolve("kafka").resolve("ports.properties");
        Properties ports = new Properties();
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                ports.load(in);
            }
        }
        return Optional.ofNullable(ports.getProperty("broker.1"))
                .map(port -> new KafkaClients(
                        Map.of("bootstrap.servers", "127.0.0.1:" + port), SerdeFactory.bundled(), "onlooker"));
    }

    /** Every soup of a finished run and the digest of its file. */
    static SortedMap<String, String> soups(Path out) throws IOException {
        SortedMap<String, String> soups = new TreeMap<>();
        for (JsonNode soup : new ObjectMapper()
                .readTree(out.resolve("results.json").toFile())
                .path("soups")) {
            soups.put(soup.path("id").asText(), soup.path("sha256").asText());
        }
        return soups;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
