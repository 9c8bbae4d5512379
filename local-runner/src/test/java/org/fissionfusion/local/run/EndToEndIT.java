package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.WeightsDigest;
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
        JsonNode results = ResultsFile.read(out.resolve("results.json"));
        requireSkeleton(results);
        assertThat(results.path("soups")
                        .valueStream()
                        .filter(soup -> soup.path("level").asText().equals("global"))
                        .map(soup -> soup.path("name").asText()))
                .containsExactly("best", "uniform", "greedy", "GoU", "GoG", "gridSearch/greedy");
        assertThat(results.path("checkpoints")).hasSize(2 + 2 + 2);
        for (JsonNode scored : List.of(results.path("checkpoints"), results.path("soups"))) {
            for (JsonNode each : scored) {
                requireFile(each);
            }
        }
        assertThat(results.path("comparisons")).isNotEmpty();
        assertThat(results.at("/cost/plannedEpochs").asInt()).isEqualTo(4);
        assertThat(results.at("/cost/spentEpochs").asInt()).isEqualTo(4);
        assertThat(results.at("/cost/plannedGridEpochs").asInt()).isEqualTo(2);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("echarts")
                .doesNotContain("src=\"http");
        String before = Files.readString(out.resolve("results.json"));
        assertThat(TinyExperiment.run(out, request)).isZero();
        assertThat(Files.readString(out.resolve("results.json"))).isEqualTo(before);
        var other = RequestYaml.read(request);
        RequestYaml.override(other, Map.of("training.fineTune.seed", "2"));
        assertThatThrownBy(() -> new LocalRun(out, 2, TinyExperiment.silent(), Optional.empty()).run(other, out))
                .isInstanceOf(RunRefused.class)
                .hasMessageContaining("another request");
    }

    /** The keys that docs/results.md promises, in every element that a complete run has. */
    private static void requireSkeleton(JsonNode results) {
        requireKeys(results, "version experiment requestDigest selection splits checkpoints soups tasks cost versions");
        assertThat(results.path("version").asInt()).isEqualTo(1);
        requireKeys(results.path("selection"), "metric");
        for (JsonNode checkpoint : results.path("checkpoints")) {
            requireKeys(
                    checkpoint, "id pool stage learningRate augmentation seed cycle file sha256 weightsDigest scores");
            requireScores(checkpoint.path("scores"), List.of("validation", "test", "other-camera"));
        }
        for (JsonNode soup : results.path("soups")) {
            requireKeys(soup, "id name level group method ingredients file sha256 scores");
            requireScores(soup.path("scores"), List.of("validation", "test", "other-camera"));
            assertThat(soup.path("ingredients")).isNotEmpty();
            soup.path("ingredients").forEach(one -> requireKeys(one, "id accepted"));
            if (!soup.path("method").asText().equals("uniform")) {
                soup.path("ingredients").forEach(one -> requireKeys(one, "tasted"));
            }
        }
        requireKeys(results.path("cost"), "plannedEpochs spentEpochs probeEpochs plannedGridEpochs ratio seconds");
        requireKeys(results.at("/cost/seconds"), "linear-probe fine-tune fission evaluation start stop wall");
        requireKeys(results.path("versions"), "fissionfusion java engine device");
    }

    private static void requireKeys(JsonNode node, String keys) {
        assertThat(node.fieldNames()).toIterable().contains(keys.split(" "));
    }

    private static void requireScores(JsonNode scores, List<String> splits) {
        assertThat(scores.fieldNames()).toIterable().containsExactlyElementsOf(splits);
        splits.forEach(split -> requireKeys(scores.path(split).path("macro-f1"), "value low high"));
    }

    private void requireFile(JsonNode published) throws Exception {
        Path file = out.resolve(published.path("file").asText());
        assertThat(FileDigest.sha256(file)).isEqualTo(published.path("sha256").asText());
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            assertThat(WeightsDigest.of(open))
                    .isEqualTo(published.path("weightsDigest").asText());
        }
    }
}
