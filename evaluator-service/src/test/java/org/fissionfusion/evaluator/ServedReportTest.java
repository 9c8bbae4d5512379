package org.fissionfusion.evaluator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.metric.Scorecard;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.events.BlankFindings;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.FindingScore;
import org.fissionfusion.events.FindingsSpec;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.Persisting;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.Serving;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.UncertainFindings;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.Column;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.Labels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told beside the metrics: subgroups, calibration, findings. */
class ServedReportTest {
    @TempDir
    private Path folder;

    private Kitchen kitchen;
    private DataSplit validation;

    @BeforeEach
    void open() {
        kitchen = new Kitchen(folder);
        validation = kitchen.split("validation", false, 1);
    }

    @AfterEach
    void close() {
        kitchen.close();
    }

    @Test
    void tellsSubgroupsAndOneTemperatureOfAServedSoup() throws Exception {
        // Given a test set of which a column is known, and a set of which only some classes are
        kitchen.selectionClosed = true;
        Ingredient soup = kitchen.ingredient("soup", 5);
        int[] sex = new int[40];
        Arrays.fill(sex, 0, 9, 1);
        DataSplit test = kitchen.split("test", true, withColumn(new Column("sex", List.of("female", "male"), sex)));
        DataSplit nih = kitchen.split("nih", true, withColumn(new Column("view", List.of("AP", "PA"), sex)));
        nih.put("sharedClasses", List.of(1, 0));

        // When
        EvaluationCompleted served =
                kitchen.done(Kitchen.task("serve", new Serving("soup", soup, List.of(test, nih), "{}", validation)));
        EvaluationCompleted persisted = kitchen.done(Kitchen.task(
                "persist", new Persisting("soup", Kitchen.recipe(soup), soup.getWeightsDigest(), "{}", validation)));

        // Then
        JsonNode document = json(served.getDocument());
        JsonNode levels = document.at("/subgroups/test/sex");
        assertThat(levels.path("male").toString()).isEqualTo("{\"images\":9,\"verdict\":\"too few\"}");
        assertThat(levels.at("/female/images").asInt()).isEqualTo(31);
        assertThat(levels.at("/female/macro-f1/low").asDouble())
                .isLessThanOrEqualTo(levels.at("/female/macro-f1/value").asDouble());
        assertThat(document.path("subgroups").fieldNames()).toIterable().containsExactly("test", "nih", "nih/shared");
        JsonNode onValidation = document.at("/calibration/splits/validation/log-loss");
        assertThat(onValidation.get("after").asDouble())
                .isLessThan(onValidation.get("before").asDouble());
        assertThat(document.at("/calibration/splits/test/ece/after").isNumber()).isTrue();
        assertThat(served.getScores()).extracting(SplitScore::getSplit).containsExactly("test", "nih", "nih/shared");
        try (SafetensorsFile file =
                SafetensorsFile.open(kitchen.files.verified(StoredObject.from(persisted.getFile())))) {
            assertThat(file.metadata())
                    .containsEntry(
                            "temperature",
                            document.at("/calibration/temperature").asText());
        }
        assertThat(persisted.getWeightsDigest()).isEqualTo(soup.getWeightsDigest());
    }

    private static LabelledImages withColumn(Column column) {
        LabelledImages plain = Kitchen.blobs(40, 2, Kitchen.CLASSES);
        return new LabelledImages(plain.shape(), plain.pixels(), plain.labels(), plain.groups(), List.of(column));
    }

    @Test
    void scoresFindingsOverTheImagesOfWhichTheyAreKnownAndKeepsThatInTheirPredictions() throws Exception {
        // Given
        LabelledImages plain = Kitchen.blobs(40, 2, Kitchen.CLASSES);
        byte[] known = new byte[80];
        for (int i = 0; i < known.length; i++) {
            known[i] = (byte) (i % 7 == 0 ? -1 : i % 11 == 0 ? -2 : i / 2 % 2);
        }
        DataSplit films = kitchen.split(
                "validation",
                false,
                new LabelledImages(
                        plain.shape(),
                        plain.pixels(),
                        new Labels.Findings(known, Kitchen.CLASSES),
                        plain.groups(),
                        List.of()));
        Ingredient checkpoint = kitchen.ingredient("a", 1);
        Scoring work = new Scoring(Kitchen.recipe(checkpoint), List.of(films), false, null);
        EvaluationTask masked = EvaluationTask.newBuilder(Kitchen.task("a", work))
                .setMetric(MetricName.AUROC)
                .setFindings(new FindingsSpec(UncertainFindings.IGNORE, BlankFindings.IGNORE))
                .build();
        EvaluationTask ones = EvaluationTask.newBuilder(masked)
                .setTaskId("exp-42/b")
                .setFindings(new FindingsSpec(UncertainFindings.ONES, BlankFindings.ZEROS))
                .build();

        // When
        SplitScore score = kitchen.done(masked).getScores().getFirst();
        SplitScore decided = kitchen.done(ones).getScores().getFirst();

        // Then
        assertThat(score.getMetrics()).containsKeys("auroc", "frequent-auroc", "log-loss", "ece", "brier", "accuracy");
        assertThat(score.getMetrics()).doesNotContainKeys("macro-f1", "competition-auroc");
        assertThat(score.getFindings()).extracting(FindingScore::getFinding).isEqualTo(Kitchen.CLASSES);
        Predictions kept = PredictionsFile.read(kitchen.store.verified(StoredObject.from(score.getPredictions())));
        assertThat(kept.findings()).isEqualTo(Kitchen.CLASSES);
        for (int f = 0; f < 2; f++) {
            int finding = f;
            FindingScore one = score.getFindings().get(f);
            assertThat(one.getPositives())
                    .isEqualTo(IntStream.range(0, 40)
                            .filter(i -> known[2 * i + finding] == 1)
                            .count());
            assertThat(one.getNegatives())
                    .isEqualTo(IntStream.range(0, 40)
                            .filter(i -> known[2 * i + finding] == 0)
                            .count());
            FindingScore other = decided.getFindings().get(f);
            assertThat(other.getPositives() + other.getNegatives()).isEqualTo(40);
        }
        Scorecard again = org.fissionfusion.core.metric.Scoring.score(kept, new BootstrapSpec(50, 1));
        assertThat(again.metrics().get(Metric.AUROC).value())
                .isEqualTo(score.getMetrics().get("auroc").getValue());
        assertThatThrownBy(() -> kitchen.done(EvaluationTask.newBuilder(masked)
                        .setTaskId("exp-42/c")
                        .setFindings(null)
                        .build()))
                .isInstanceOf(TaskRefused.class)
                .hasMessageContaining("multilabel");
    }

    @Test
    void fitsNoTemperatureOnASealedSet() throws Exception {
        kitchen.selectionClosed = true;
        Ingredient soup = kitchen.ingredient("soup", 5);
        DataSplit test = kitchen.split("test", true, 2);

        assertThatThrownBy(() -> kitchen.done(Kitchen.task(
                        "persist", new Persisting("soup", Kitchen.recipe(soup), soup.getWeightsDigest(), "{}", test))))
                .isInstanceOf(TaskRefused.class)
                .hasMessageContaining("test is sealed");
    }

    private JsonNode json(StoredFile document) throws Exception {
        return new ObjectMapper()
                .readTree(kitchen.store.verified(StoredObject.from(document)).toFile());
    }
}
