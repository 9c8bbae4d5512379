package org.fissionfusion.evaluator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.PairedComparison;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.metric.Scorecard;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.events.ComparedScore;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationFailed;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.Persisting;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.Serving;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.runtime.CorruptObjectException;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
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
    void scoresACheckpointWithAllMetricsAndKeepsItsPredictions() throws Exception {
        Ingredient checkpoint = kitchen.ingredient("a", 1);

        EvaluationCompleted completed = kitchen.score("a", Kitchen.recipe(checkpoint), validation);

        assertThat(completed.getWeightsDigest()).isEqualTo(checkpoint.getWeightsDigest());
        assertThat(completed.getImages()).isEqualTo(30);
        SplitScore score = completed.getScores().getFirst();
        assertThat(score.getMetrics())
                .containsKeys(
                        "accuracy", "macro-f1", "macro-recall", "quadratic-kappa", "auroc", "log-loss", "ece", "brier");
        assertThat(score.getImages()).isEqualTo(30);
        assertThat(score.getSupport()).containsExactly(15L, 15L);
        var again = PredictionsFile.read(kitchen.store.verified(StoredObject.from(score.getPredictions())));
        Scorecard card = org.fissionfusion.core.metric.Scoring.score(again, new BootstrapSpec(50, 1));
        assertThat(card.loss()).isEqualTo(score.getLoss());
    }

    @Test
    void readsOnlyTheCandidateOfAGreedyStep() throws Exception {
        Ingredient a = kitchen.ingredient("a", 1);
        Ingredient b = kitchen.ingredient("b", 2);
        Ingredient c = kitchen.ingredient("c", 3);
        Ingredient d = kitchen.ingredient("d", 4);
        kitchen.score("ab", Kitchen.recipe(a, b), validation);
        kitchen.store.opened().clear();

        kitchen.score("abc", Kitchen.recipe(a, b, c), validation);
        kitchen.score("abd", Kitchen.recipe(a, b, d), validation);

        assertThat(kitchen.store.opened())
                .containsExactly(c.getFile().getKey(), d.getFile().getKey());
    }

    @Test
    void saysHowSurelyATastingBeatsTheSoupSoFarAndSaysTheSameAgain() throws Exception {
        // Given
        Ingredient a = kitchen.ingredient("a", 1);
        Ingredient b = kitchen.ingredient("b", 2);
        SplitScore soFar =
                kitchen.score("a", Kitchen.recipe(a), validation).getScores().getFirst();
        EvaluationTask task = Kitchen.task(
                "ab", new Scoring(Kitchen.recipe(a, b), List.of(validation), true, soFar.getPredictions()));

        // When
        EvaluationCompleted tasted = kitchen.done(task);

        // Then
        Predictions with = predictions(tasted.getScores().getFirst());
        double expected =
                PairedComparison.oneSided(with, predictions(soFar), Metric.MACRO_F1, new BootstrapSpec(50, 1));
        assertThat(tasted.getP()).isEqualTo(expected).isBetween(1 / 51.0, 1.0);
        assertThat(kitchen.done(task)).isEqualTo(tasted);
        assertThat(kitchen.score("ab", Kitchen.recipe(a, b), validation).getP()).isNull();
    }

    private Predictions predictions(SplitScore score) throws Exception {
        return PredictionsFile.read(kitchen.store.verified(StoredObject.from(score.getPredictions())));
    }

    @Test
    void scoresASetOfFewerClassesAmongAllAndAmongThoseItShares() throws Exception {
        // Given
        Ingredient checkpoint = kitchen.ingredient("a", 1);
        kitchen.selectionClosed = true;
        DataSplit nih = kitchen.split("nih", true, 5);
        nih.put("sharedClasses", List.of(1, 0));

        // When
        EvaluationCompleted completed = kitchen.score("a", Kitchen.recipe(checkpoint), nih);

        // Then
        assertThat(completed.getScores()).extracting(SplitScore::getSplit).containsExactly("nih", "nih/shared");
        SplitScore whole = completed.getScores().getFirst();
        SplitScore shared = completed.getScores().getLast();
        assertThat(predictions(shared).labels())
                .isEqualTo(Arrays.stream(predictions(whole).labels())
                        .map(label -> 1 - label)
                        .toArray());
        assertThat(shared.getMetrics().get("accuracy"))
                .isEqualTo(whole.getMetrics().get("accuracy"));
        assertThat(completed.getImages()).isEqualTo(30);
        assertThat(kitchen.score("again", Kitchen.recipe(checkpoint), nih).getScores())
                .isEqualTo(completed.getScores());
    }

    @Test
    void persistsTheVeryWeightsItTasted() throws Exception {
        Ingredient a = kitchen.ingredient("a", 1);
        Ingredient b = kitchen.ingredient("b", 2);
        Ingredient c = kitchen.ingredient("c", 3);
        kitchen.score("ab", Kitchen.recipe(a, b), validation);
        EvaluationCompleted tasted = kitchen.score("abc", Kitchen.recipe(a, b, c), validation);

        EvaluationCompleted persisted = kitchen.done(Kitchen.task(
                "soup",
                new Persisting(
                        "exp-42/soup", Kitchen.recipe(a, b, c), tasted.getWeightsDigest(), "{\"name\":\"x\"}", null)));

        assertThat(persisted.getWeightsDigest()).isEqualTo(tasted.getWeightsDigest());
        try (SafetensorsFile soup =
                SafetensorsFile.open(kitchen.store.verified(StoredObject.from(persisted.getFile())))) {
            assertThat(WeightsDigest.of(soup)).isEqualTo(tasted.getWeightsDigest());
            assertThat(soup.metadata())
                    .containsEntry("soup", "exp-42/soup")
                    .containsEntry("lineage", "{\"name\":\"x\"}");
        }
    }

    @Test
    void keepsNoSoupThatDiffersFromTheTastedOne() throws Exception {
        Recipe recipe = Kitchen.recipe(kitchen.ingredient("a", 1), kitchen.ingredient("b", 2));

        assertThatThrownBy(() ->
                        kitchen.done(Kitchen.task("s", new Persisting("s", recipe, "0".repeat(64), "{}", null))))
                .hasStackTraceContaining("weightsDigest: s has the weights");
        assertThat(kitchen.store.list("soups/")).isEmpty();
    }

    @Test
    void paysNothingForARepeatedTask() throws Exception {
        Recipe recipe = Kitchen.recipe(kitchen.ingredient("a", 1), kitchen.ingredient("b", 2));
        EvaluationCompleted first = kitchen.score("one", recipe, validation);
        kitchen.store.opened().clear();

        EvaluationCompleted redelivered = kitchen.score("one", recipe, validation);
        EvaluationCompleted underAnotherId = kitchen.score("two", recipe, validation);

        assertThat(redelivered).isEqualTo(first);
        assertThat(underAnotherId.getScores()).isEqualTo(first.getScores());
        assertThat(underAnotherId.getImages()).isZero();
        assertThat(kitchen.store.opened()).isEmpty();
    }

    @Test
    void answersAgainWhatAKilledStoreKeptOnlyHalfOf() throws Exception {
        // Given
        Recipe recipe = Kitchen.recipe(kitchen.ingredient("a", 1), kitchen.ingredient("b", 2));
        EvaluationCompleted first = kitchen.score("one", recipe, validation);
        for (String kept : List.of("outcomes/", "recipes/", "scores/")) {
            assertThat(kitchen.store.list(kept)).as(kept).isNotEmpty();
            for (String key : kitchen.store.list(kept)) {
                Files.write(folder.resolve("store").resolve(key), new byte[0]);
            }
        }

        // When
        EvaluationCompleted again = kitchen.score("one", recipe, validation);

        // Then
        assertThat(again.getScores()).isEqualTo(first.getScores());
        assertThat(again.getWeightsDigest()).isEqualTo(first.getWeightsDigest());
    }

    @Test
    void refusesSealedSplitsUntilTheSelectionIsClosed() throws Exception {
        Recipe recipe = Kitchen.recipe(kitchen.ingredient("a", 1));
        DataSplit test = kitchen.split("test", true, 2);
        kitchen.store.opened().clear();

        assertThatThrownBy(() -> kitchen.score("t", recipe, test))
                .isInstanceOf(TaskRefused.class)
                .hasMessageContaining("[test] of experiment exp-42 are sealed");
        assertThat(kitchen.store.opened()).isEmpty();

        kitchen.selectionClosed = true;
        assertThat(kitchen.score("t", recipe, test).getScores()).hasSize(1);
    }

    @Test
    void servesASoupWithTheScoresOfEverySplitInItsDocument() throws Exception {
        kitchen.selectionClosed = true;
        Ingredient soup = kitchen.ingredient("soup", 5);
        DataSplit test = kitchen.split("test", true, 2);
        DataSplit ood = kitchen.split("nih", true, 3);

        EvaluationCompleted served = kitchen.done(Kitchen.task(
                "serve", new Serving("soup", soup, List.of(test, ood), "{\"name\":\"GoG\",\"tastings\":[]}", null)));

        JsonNode document = json(served.getDocument());
        assertThat(document.get("name").asText()).isEqualTo("GoG");
        assertThat(document.at("/scores/nih/metrics/macro-f1/value").asDouble())
                .isEqualTo(served.getScores()
                        .getLast()
                        .getMetrics()
                        .get("macro-f1")
                        .getValue());
        assertThat(document.at("/scores/test/images").asInt()).isEqualTo(30);
    }

    @Test
    void comparesStrategiesSplitBySplit() throws Exception {
        StoredFile a = predictions("a", 1);
        StoredFile b = predictions("b", 2);

        EvaluationCompleted compared = kitchen.done(Kitchen.task(
                "compare",
                new Comparing(
                        List.of("best", "greedy"),
                        List.of(
                                new ComparedScore("best", "validation", a),
                                new ComparedScore("GoG", "validation", b)))));

        JsonNode document = json(compared.getDocument());
        assertThat(document.get("metric").asText()).isEqualTo("macro-f1");
        JsonNode row = document.at("/splits/0/comparisons/0");
        assertThat(row.get("strategy").asText()).isEqualTo("GoG");
        assertThat(row.get("baseline").asText()).isEqualTo("best");
        assertThat(row.get("p").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void failsForGoodWithADeadLetterWhenACheckpointWasAltered() throws Exception {
        Ingredient checkpoint = kitchen.ingredient("a", 1);
        Path file = kitchen.files.root().resolve(checkpoint.getFile().getKey());
        file.toFile().setWritable(true);
        Files.write(file, new byte[] {1, 2, 3});
        EvaluationTask task =
                Kitchen.task("a", new Scoring(Kitchen.recipe(checkpoint), List.of(validation), false, null));

        assertThatThrownBy(() -> kitchen.done(task))
                .isInstanceOfSatisfying(
                        CorruptObjectException.class,
                        cause -> kitchen.worker.publishFailure(task, Kitchen.delivery(task), cause));

        assertThat(((EvaluationFailed) kitchen.reports.last()).getPermanent()).isTrue();
    }

    @Test
    void namesTheTensorWhoseWeightsAreNoNumbers() throws Exception {
        Ingredient sound = kitchen.ingredient("a", 1);
        StoredObject broken = kitchen.store.put("checkpoints", ".safetensors", target -> {
            try (SafetensorsFile file =
                    SafetensorsFile.open(kitchen.store.verified(StoredObject.from(sound.getFile())))) {
                List<TensorSource> tensors = file.tensors().stream()
                        .map(spec -> {
                            byte[] bytes = file.bytes(spec.name()).toArray(ValueLayout.JAVA_BYTE);
                            if (spec.name().equals("conv1.weight")) {
                                MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, Float.NaN);
                            }
                            return TensorSource.of(spec, MemorySegment.ofArray(bytes));
                        })
                        .toList();
                SafetensorsWriter.write(target, Map.of(), tensors);
            }
        });

        assertThatThrownBy(
                        () -> kitchen.score("n", Kitchen.recipe(new Ingredient("n", broken.toAvro(), "")), validation))
                .isInstanceOf(TaskRefused.class)
                .hasMessageContaining("conv1.weight")
                .hasMessageContaining("NaN");
    }

    @Test
    void refusesADivisorThatIsNotTheNumberOfIngredients() throws Exception {
        Recipe recipe = new Recipe(List.of(kitchen.ingredient("a", 1), kitchen.ingredient("b", 2)), 3);

        assertThatThrownBy(() -> kitchen.score("r", recipe, validation))
                .isInstanceOf(TaskRefused.class)
                .hasMessageContaining("divisor 3");
    }

    private StoredFile predictions(String id, long seed) throws Exception {
        return kitchen.score(id, Kitchen.recipe(kitchen.ingredient(id, seed)), validation)
                .getScores()
                .getFirst()
                .getPredictions();
    }

    private JsonNode json(StoredFile document) throws Exception {
        return new ObjectMapper()
                .readTree(kitchen.store.verified(StoredObject.from(document)).toFile());
    }
}
