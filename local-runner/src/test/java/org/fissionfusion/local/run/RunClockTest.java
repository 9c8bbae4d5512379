package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.fissionfusion.local.results.ResultsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunClockTest {
    @TempDir
    private Path folder;

    @Test
    void goesOnFromWhereTheLastProcessWas() throws Exception {
        Path file = folder.resolve("clock.json");
        double first;
        try (RunClock clock = RunClock.start(file)) {
            first = clock.seconds();
        }
        double marked = ResultsFile.read(file).path("seconds").asDouble();
        assertThat(marked).isGreaterThanOrEqualTo(first);

        try (RunClock clock = RunClock.start(file)) {
            assertThat(clock.seconds()).isGreaterThanOrEqualTo(marked);
        }
    }

    @Test
    void countsTheMarkOfAProcessThatWasKilled() throws Exception {
        Path file = Files.writeString(folder.resolve("clock.json"), "{\"seconds\": 3600.5}");

        try (RunClock clock = RunClock.start(file)) {
            assertThat(clock.seconds()).isGreaterThanOrEqualTo(3600.5);
        }
        assertThat(ResultsFile.read(file).path("seconds").asDouble()).isGreaterThan(3600.5);
    }
}
