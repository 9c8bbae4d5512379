package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.fissionfusion.local.Main;
import org.fissionfusion.local.results.ResultsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashIT {
    private static final int KILLS = 3;
    private static final long SEED = 20_261_123;

    @TempDir
    private Path folder;

    @Test
    void makesTheSameSoupsHoweverOftenItIsKilled() throws Exception {
        Path undisturbed = folder.resolve("undisturbed");
        Path disturbed = folder.resolve("disturbed");
        Path request = TinyExperiment.prepare(undisturbed);
        long begun = System.nanoTime();
        assertThat(finish(start(request, undisturbed))).isZero();
        long usual = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);

        Random random = new Random(SEED);
        int killed = 0;
        for (int i = 0; i < KILLS; i++) {
            Process process = start(request, disturbed);
            if (!process.waitFor(usual / 4 + random.nextLong(usual / 2), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                killed++;
            }
        }
        assertThat(killed).isPositive();
        double marked = ResultsFile.read(disturbed.resolve("clock.json"))
                .path("seconds")
                .asDouble();
        assertThat(marked).isPositive();
        assertThat(finish(start(request, disturbed))).isZero();

        assertThat(soups(disturbed)).isEqualTo(soups(undisturbed)).isNotEmpty();
        // the seconds of the processes that were killed count, but for those since their last mark
        assertThat(wall(disturbed)).isGreaterThan(marked);
    }

    private static double wall(Path out) throws Exception {
        return ResultsFile.read(out.resolve("results.json"))
                .at("/cost/seconds/wall")
                .asDouble();
    }

    private static Map<String, String> soups(Path out) throws Exception {
        Map<String, String> soups = new TreeMap<>();
        for (JsonNode soup : ResultsFile.read(out.resolve("results.json")).path("soups")) {
            soups.put(soup.path("id").asText(), soup.path("sha256").asText());
        }
        return soups;
    }

    private static Process start(Path request, Path out) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Files.createDirectories(out);
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                Main.class.getName(),
                "run",
                request.toString(),
                "--out",
                out.toString(),
                "--trainers",
                "2"));
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        out.resolveSibling(out.getFileName() + ".txt").toFile()))
                .start();
    }

    private static int finish(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(15, TimeUnit.MINUTES)).as("ends in time").isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }
}
