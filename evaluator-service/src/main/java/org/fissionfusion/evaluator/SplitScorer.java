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
            var known = cache.score(key);
            if (known.isPresent()) {
                scores.add(known.get());
                continue;
            }
            if (tensors == null) {
                tensors = weights.tensors();
            }
            Predictions predictions = models.predict(task, split, tensors);
            images += predictions.images();
            scores.add(cache.keep(key, measured(task, split, weightsDigest, predictions)));
        }
        return new Scores(scores, images);
    }

    private SplitScore measured(EvaluationTask task, DataSplit split, String weightsDigest, Predictions predictions) {
        BootstrapSpec bootstrap = new BootstrapSpec(task.getBootstrapResamples(), task.getBootstrapSeed());
        return SplitScores.of(
                split.getName(), Scoring.score(predictions, bootstrap), stored(split, weightsDigest, predictions));
    }

    private StoredFile stored(DataSplit split, String weightsDigest, Predictions predictions) {
        Map<String, String> lineage = new TreeMap<>();
        lineage.put("weightsDigest", weightsDigest);
        lineage.put("split", split.getName());
        lineage.put("data", split.getFile().getSha256());
        return store.put("predictions", ".safetensors", target -> PredictionsFile.write(target, predictions, lineage))
                .toAvro();
    }
}
