package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.local.results.Results;
import org.fissionfusion.local.results.ResultsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndToEndIT {
    @TempDir
    private Path out;

    @Test
    void leavesScoredSoupsOfEveryStrategyAndPrintsThemAgain() throws Exception {
        Path request = TinyExperiment.prepare(out);

        int code = TinyExperiment.run(out, request);

        assertThat(code).isZero();
        Results results = ResultsFile.read(out.resolve("results.json"));
        assertThat(results.soups().stream()
                        .filter(soup -> soup.level().equals("global"))
                        .map(Results.Soup::name))
                .containsExactly("best", "uniform", "greedy", "GoU", "GoG", "gridSearch/greedy");
        for (Results.Soup soup : results.soups()) {
            if (soup.level().equals("global")) {
                assertThat(soup.scores()).containsKeys("validation", "test", "other-camera");
            }
            requireFile(soup.file(), soup.sha256(), soup.weightsDigest());
        }
        assertThat(results.checkpoints()).hasSize(2 + 2 + 2);
        for (Results.Checkpoint checkpoint : results.checkpoints()) {
            assertThat(checkpoint.scores()).containsKeys("validation", "test", "other-camera");
            requireFile(checkpoint.file(), checkpoint.sha256(), checkpoint.weightsDigest());
        }
        assertThat(results.comparisons()).isNotEmpty();
        assertThat(results.cost().plannedEpochs()).isEqualTo(4);
        assertThat(results.cost().spentEpochs()).isEqualTo(4);
        assertThat(results.cost().plannedGridEpochs()).isEqualTo(2);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("echarts")
                .doesNotContain("src=\"http");
        String before = Files.readString(out.resolve("results.json"));
        assertThat(TinyExperiment.run(out, request)).isZero();
        assertThat(Files.readString(out.resolve("results.json"))).isEqualTo(before);
        var other = RequestYaml.read(request);
        RequestYaml.override(other, Map.of("training.fineTune.seed", "2"));
        assertThatThrownBy(() -> new LocalRun(out, 2, TinyExperiment.silent()).run(other, out))
                .isInstanceOf(RunRefused.class)
                .hasMessageContaining("another request");
    }

    private void requireFile(String name, String sha256, String weightsDigest) throws Exception {
        Path file = out.resolve(name);
        assertThat(FileDigest.sha256(file)).isEqualTo(sha256);
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            assertThat(WeightsDigest.of(open)).isEqualTo(weightsDigest);
        }
    }
}
