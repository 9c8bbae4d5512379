package org.fissionfusion.evaluator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.metric.Scoring;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;

/** Scores weights on splits; what was scored before, by this or another evaluator, is only looked up. */
final class SplitScorer {
    private final ObjectStore store;
    private final ScoreCache cache;
    private final Models models;

    SplitScorer(ObjectStore store, ScoreCache cache, Models models) {
        this.store = store;
        this.cache = cache;
        this.models = models;
    }

    /** Makes the weights when they are needed, which they are not when every score is known. */
    @FunctionalInterface
    interface Weights {
        List<Tensor> tensors() throws IOException;
    }

    /** Scores, in the order of the splits, and the number of images that really went through the model. */
    record Scores(List<SplitScore> splits, long imagesScored) {}

    Scores score(EvaluationTask task, List<DataSplit> splits, String weightsDigest, Weights weights)
            throws IOException {
        List<SplitScore> scores = new ArrayList<>();
        List<Tensor> tensors = null;
        long images = 0;
        for (DataSplit split : splits) {
            ScoreKey key = ScoreKey.of(task, split, weightsDigest);
            SplitScore score = cache.score(key).orElse(null);
            if (score == null) {
                tensors = tensors == null ? weights.tensors() : tensors;
                Predictions predictions = models.predict(task, split, tensors);
                images += predictions.images();
                score = cache.keep(key, measured(task, split, split.getName(), weightsDigest, predictions));
            }
            scores.add(score);
            if (!split.getSharedClasses().isEmpty()) {
                scores.add(amongShared(task, split, weightsDigest, score));
            }
        }
        return new Scores(scores, images);
    }

    /** The same predictions again, among the classes that an out-of-domain set can have. */
    private SplitScore amongShared(EvaluationTask task, DataSplit split, String weightsDigest, SplitScore whole)
            throws IOException {
        String name = split.getName() + "/shared";
        ScoreKey key = ScoreKey.of(task, split, weightsDigest).as(name + split.getSharedClasses());
        SplitScore known = cache.score(key).orElse(null);
        if (known != null) {
            return known;
        }
        try {
            Predictions shared = PredictionsFile.read(store.verified(StoredObject.from(whole.getPredictions())))
                    .among(split.getSharedClasses());
            return cache.keep(key, measured(task, split, name, weightsDigest, shared));
        } catch (IllegalArgumentException e) {
            throw new TaskRefused("data." + split.getName() + ", sharedClasses: " + e.getMessage(), e);
        }
    }

    private SplitScore measured(
            EvaluationTask task, DataSplit split, String name, String weightsDigest, Predictions predictions) {
        BootstrapSpec bootstrap = new BootstrapSpec(task.getBootstrapResamples(), task.getBootstrapSeed());
        return SplitScores.of(
                name, Scoring.score(predictions, bootstrap), stored(split, name, weightsDigest, predictions));
    }

    private StoredFile stored(DataSplit split, String name, String weightsDigest, Predictions predictions) {
        Map<String, String> lineage = new TreeMap<>();
        lineage.put("weightsDigest", weightsDigest);
        lineage.put("split", name);
        lineage.put("data", split.getFile().getSha256());
        return store.put("predictions", ".safetensors", target -> PredictionsFile.write(target, predictions, lineage))
                .toAvro();
    }
}
