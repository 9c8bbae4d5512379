package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.vision.images.Column;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.PreparedSetWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndToEndIT {
    @TempDir
    private Path out;

    /** Every fourth image of the test set is of the left hand, which makes twenty of them: too few. */
    private static void addColumn(Path test) throws Exception {
        Path plain = test.resolveSibling("plain");
        Files.move(test, plain);
        try (PreparedSet set = PreparedSet.open(plain)) {
            int[] sides = new int[set.size()];
            Arrays.setAll(sides, i -> i % 4 == 0 ? 0 : 1);
            LabelledImages images = set.images();
            PreparedSetWriter.write(
                    test,
                    new LabelledImages(
                            images.shape(),
                            images.pixels(),
                            images.labels(),
                            images.groups(),
                            List.of(new Column("side", List.of("left", "right"), sides))),
                    new PreparedSetWriter.Origin("made up", "none"),
                    Map.of());
        }
        Files.delete(plain);
    }

    /** A soup of several ingredients has both forms, and its keys are those of the one that is served. */
    private void requireBothForms(JsonNode soup) throws Exception {
        long accepted = soup.path("ingredients")
                .valueStream()
                .filter(one -> one.path("accepted").asBoolean())
                .count();
        JsonNode forms = soup.path("batchNorm");
        if (accepted == 1) {
            assertThat(forms.isMissingNode()).isTrue();
            return;
        }
        double plain = forms.at("/plain/scores/validation/macro-f1/value").asDouble(-1);
        double estimated =
                forms.at("/reestimated/scores/validation/macro-f1/value").asDouble(-1);
        assertThat(List.of(plain, estimated)).doesNotContain(-1.0);
        String served = forms.path("served").asText();
        assertThat(served).isEqualTo(estimated > plain ? "reestimated" : "plain");
        assertThat(forms.path(served).path("weightsDigest")).isEqualTo(soup.path("weightsDigest"));
        assertThat(forms.at("/plain/weightsDigest")).isNotEqualTo(forms.at("/reestimated/weightsDigest"));
        try (SafetensorsFile file =
                SafetensorsFile.open(out.resolve(soup.path("file").asText()))) {
            assertThat(file.metadata().get("lineage").contains("\"batchNorm\":\"reestimated\""))
                    .isEqualTo(served.equals("reestimated"));
        }
    }

    private void requireReported(JsonNode soup) throws Exception {
        requireBothForms(soup);
        JsonNode sides = soup.at("/subgroups/test/side");
        assertThat(sides.at("/left/images").asInt() + sides.at("/right/images").asInt())
                .isEqualTo(80);
        assertThat(sides.at("/left/verdict").asText()).isEqualTo("too few");
        requireKeys(sides.at("/right/macro-f1"), "value low high");
        JsonNode calibration = soup.path("calibration");
        assertThat(calibration.path("splits").fieldNames())
                .toIterable()
                .containsExactly("validation", "test", "other-camera");
        JsonNode loss = calibration.at("/splits/validation/log-loss");
        assertThat(loss.path("after").asDouble())
                .isLessThanOrEqualTo(loss.path("before").asDouble());
        try (SafetensorsFile file =
                SafetensorsFile.open(out.resolve(soup.path("file").asText()))) {
            assertThat(file.metadata().get("temperature"))
                    .isEqualTo(calibration.path("temperature").asText());
        }
    }

    @Test
    void leavesScoredSoupsOfEveryStrategyAndPrintsThemAgain() throws Exception {
        Path request = TinyExperiment.prepare(out);
        addColumn(out.resolve("quickstart/lesions/test.safetensors"));

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
    private void requireSkeleton(JsonNode results) throws Exception {
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
            requireReported(soup);
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
