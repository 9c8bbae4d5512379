package org.fissionfusion.souper;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Interval;
import org.fissionfusion.events.Persisting;
import org.fissionfusion.events.Preflight;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.Serving;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingTask;

/** Answers tasks as workers would, without models: a score is a hash of the weights' names. */
final class FakeWorkers {
    private FakeWorkers() {}

    static List<TaskResult> train(TrainingTask task) {
        List<TaskResult> results = new ArrayList<>();
        String base = task.getTaskId().replace("/fission", "");
        if (task.getStage() == Stage.FISSION) {
            results.add(result(task, saved(base + "/cycle=1", task.getStage(), 1)));
            results.add(result(task, saved(base + "/cycle=2", task.getStage(), 2)));
        } else {
            results.add(result(task, saved(base, task.getStage(), 0)));
        }
        results.add(result(task, new TrainingCompleted(task.getEpochs(), 10L, 1.0, false, List.of(), Map.of())));
        return results;
    }

    private static CheckpointSaved saved(String id, Stage stage, int cycle) {
        return new CheckpointSaved(id, stage, cycle, 1, file(id), sha256(id), file(id + "/optimizer"), 0.5);
    }

    private static TaskResult result(TrainingTask task, Object result) {
        return new TaskResult(task.getExperimentId(), task.getTaskId(), task.getAttempt(), "trainer", result, 1.0);
    }

    static TaskResult evaluate(EvaluationTask task) {
        EvaluationCompleted result = switch (task.getWork()) {
            case Preflight _ -> completed("", List.of(), null);
            case Comparing _ -> completed("", List.of(), null);
            case Scoring scoring -> completed(weights(scoring.getRecipe()), scoring.getSplits(), null);
            case Persisting persisting ->
                completed(weights(persisting.getRecipe()), List.of(), file(persisting.getSoupId()));
            case Serving serving -> completed(serving.getSoup().getWeightsDigest(), serving.getSplits(), null);
            default -> throw new AssertionError(task.getWork());
        };
        return new TaskResult(task.getExperimentId(), task.getTaskId(), task.getAttempt(), "evaluator", result, 1.0);
    }

    private static EvaluationCompleted completed(String weights, List<DataSplit> splits, StoredFile file) {
        List<SplitScore> scores = splits.stream()
                .map(split -> {
                    double value =
                            Math.floorMod(sha256(weights + split.getName()).hashCode(), 97) / 100.0;
                    return new SplitScore(
                            split.getName(),
                            Map.of("macro-f1", new Interval(value, value, value)),
                            1 - value,
                            10L,
                            List.of(),
                            List.of(),
                            List.of(),
                            file(weights + split.getName()),
                            List.of());
                })
                .toList();
        return new EvaluationCompleted(weights, scores, null, file, null, 1.0, 10L);
    }

    private static String weights(Recipe recipe) {
        List<String> digests = recipe.getIngredients().stream()
                .map(one -> one.getWeightsDigest())
                .toList();
        return digests.size() == 1 ? digests.getFirst() : sha256(String.join("+", digests));
    }

    static StoredFile file(String name) {
        return new StoredFile("x/" + sha256(name), sha256(name), 1L);
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
