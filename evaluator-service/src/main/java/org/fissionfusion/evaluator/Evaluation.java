package org.fissionfusion.evaluator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.PairedComparison;
import org.fissionfusion.core.metric.PairedComparison.Comparison;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.events.ComparedScore;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.Persisting;
import org.fissionfusion.events.Preflight;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.Serving;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;

/** The five kinds of work. Each returns what is to be announced, or refuses. */
final class Evaluation implements AutoCloseable {
    private final ObjectStore store;
    private final SealedSplits sealed;
    private final Blender blender;
    private final Models models;
    private final SplitScorer scorer;
    private final PreflightCheck preflight;

    private Evaluation(ObjectStore store, SealedSplits sealed, Blender blender, Models models, SplitScorer scorer) {
        this.store = store;
        this.sealed = sealed;
        this.blender = blender;
        this.models = models;
        this.scorer = scorer;
        this.preflight = new PreflightCheck(store);
    }

    /** @param threads that score batches at the same time */
    static Evaluation over(ObjectStore store, int threads, EvaluatorService.Limits limits, SealedSplits sealed) {
        ScoreCache cache = new ScoreCache(store);
        Models models = new Models(store, threads, limits.imageBytes());
        return new Evaluation(
                store,
                sealed,
                new Blender(store, cache, limits.sumBytes()),
                models,
                new SplitScorer(store, cache, models));
    }

    /** @param workedOn when the work began, as {@link System#nanoTime} */
    EvaluationCompleted work(EvaluationTask task, long workedOn) throws IOException, InterruptedException {
        Answer answer = switch (task.getWork()) {
            case Preflight work -> checkRequest(work);
            case Scoring work -> score(task, work);
            case Persisting work -> persist(task, work);
            case Serving work -> serve(task, work);
            case Comparing work -> compare(task, work);
            case null, default -> throw new TaskRefused("work: a kind unknown to this evaluator");
        };
        double seconds = (System.nanoTime() - workedOn) / 1e9;
        return new EvaluationCompleted(
                answer.weightsDigest(),
                answer.scores().splits(),
                answer.p().orElse(null),
                answer.file().orElse(null),
                answer.document().orElse(null),
                seconds,
                answer.scores().imagesScored());
    }

    private record Answer(
            String weightsDigest,
            SplitScorer.Scores scores,
            Optional<Double> p,
            Optional<StoredFile> file,
            Optional<StoredFile> document) {
        private static final SplitScorer.Scores NO_SCORES = new SplitScorer.Scores(List.of(), 0);

        static Answer scored(Scored scored, Optional<Double> p) {
            return new Answer(scored.weightsDigest(), scored.scores(), p, Optional.empty(), Optional.empty());
        }

        static Answer file(String weightsDigest, StoredFile file) {
            return new Answer(weightsDigest, NO_SCORES, Optional.empty(), Optional.of(file), Optional.empty());
        }

        static Answer document(String weightsDigest, SplitScorer.Scores scores, StoredFile document) {
            return new Answer(weightsDigest, scores, Optional.empty(), Optional.empty(), Optional.of(document));
        }
    }

    private Answer checkRequest(Preflight work) throws IOException {
        PreflightCheck.Passed passed = preflight.check(work.getRequest());
        return Answer.document(passed.weightsDigest(), Answer.NO_SCORES, stored(Documents.bytes(passed.document())));
    }

    private Answer score(EvaluationTask task, Scoring work) throws IOException, InterruptedException {
        sealed.requireOpen(task.getExperimentId(), work.getSplits());
        Scored scored = scored(task, work.getRecipe(), work.getSplits());
        return Answer.scored(scored, gain(task, work, scored.scores().splits()));
    }

    /** How sure the paired bootstrap is that the recipe beats the soup so far on the one split of a tasting. */
    private Optional<Double> gain(EvaluationTask task, Scoring work, List<SplitScore> scores) throws IOException {
        if (work.getSoupSoFar() == null) {
            return Optional.empty();
        }
        if (scores.size() != 1) {
            throw new TaskRefused("splits: " + scores.size() + " of them; allowed with soupSoFar is one");
        }
        Predictions candidate = predictions(scores.getFirst().getPredictions());
        Predictions soFar = predictions(work.getSoupSoFar());
        BootstrapSpec bootstrap = new BootstrapSpec(task.getBootstrapResamples(), task.getBootstrapSeed());
        try {
            double p = PairedComparison.oneSided(candidate, soFar, SplitScores.metric(task.getMetric()), bootstrap);
            return Double.isNaN(p) ? Optional.empty() : Optional.of(p);
        } catch (IllegalArgumentException e) {
            throw new TaskRefused("soupSoFar: " + e.getMessage(), e);
        }
    }

    private Predictions predictions(StoredFile file) throws IOException {
        return PredictionsFile.read(store.verified(StoredObject.from(file)));
    }

    private record Scored(String weightsDigest, SplitScorer.Scores scores) {}

    private Scored scored(EvaluationTask task, Recipe recipe, List<DataSplit> splits) throws IOException {
        Optional<String> known = blender.knownDigest(recipe);
        if (known.isPresent()) {
            String digest = known.get();
            SplitScorer.Weights weights = () -> blendAgain(recipe, digest).tensors();
            return new Scored(digest, scorer.score(task, splits, digest, weights));
        }
        Blender.Blend blend = blender.blend(recipe);
        return new Scored(blend.weightsDigest(), scorer.score(task, splits, blend.weightsDigest(), blend::tensors));
    }

    private Blender.Blend blendAgain(Recipe recipe, String digest) throws IOException {
        Blender.Blend blend = blender.blend(recipe);
        Blender.requireDigest(digest, blend.weightsDigest(), "the recipe");
        return blend;
    }

    private Answer persist(EvaluationTask task, Persisting work) throws IOException {
        Map<String, String> lineage = new TreeMap<>();
        lineage.put("format", "pt");
        lineage.put("experiment", task.getExperimentId());
        lineage.put("soup", work.getSoupId());
        lineage.put("architecture", task.getArchitecture());
        lineage.put("classes", Integer.toString(task.getClasses()));
        lineage.put("lineage", work.getLineage());
        if (work.getValidation() != null) {
            SplitScore validation = validated(task, work.getRecipe(), work.getValidation());
            double temperature = new ServedReport(store, task).temperature(validation);
            lineage.put("temperature", Double.toString(temperature));
        }
        AtomicReference<String> digest = new AtomicReference<>();
        StoredObject file = store.put("soups", ".safetensors", target -> {
            digest.set(blender.write(work.getRecipe(), target, lineage));
            Blender.requireDigest(work.getWeightsDigest(), digest.get(), work.getSoupId());
        });
        return Answer.file(digest.get(), file.toAvro());
    }

    private Answer serve(EvaluationTask task, Serving work) throws IOException, InterruptedException {
        sealed.requireOpen(task.getExperimentId(), work.getSplits());
        Ingredient soup = work.getSoup();
        Recipe recipe = new Recipe(List.of(soup), 1);
        Scored scored = scored(task, recipe, work.getSplits());
        List<SplitScore> scores = scored.scores().splits();
        ObjectNode document = Documents.served(work.getDocument(), scores);
        ServedReport report = new ServedReport(store, task);
        if (work.getValidation() == null) {
            report.addSubgroups(document, work.getSplits(), scores);
        } else {
            SplitScore validation = validated(task, recipe, work.getValidation());
            List<DataSplit> splits = joined(work.getValidation(), work.getSplits());
            report.addSubgroups(document, splits, joined(validation, scores));
            report.addCalibration(document, validation, scores);
        }
        return Answer.document(scored.weightsDigest(), scored.scores(), stored(Documents.bytes(document)));
    }

    private static <T> List<T> joined(T first, List<T> others) {
        List<T> all = new ArrayList<>(List.of(first));
        all.addAll(others);
        return all;
    }

    /** The score on validation, which is known where the recipe was tasted. */
    private SplitScore validated(EvaluationTask task, Recipe recipe, DataSplit validation) throws IOException {
        List<DataSplit> open = List.of(ServedReport.fittable(validation));
        return scored(task, recipe, open).scores().splits().getFirst();
    }

    private Answer compare(EvaluationTask task, Comparing work) throws IOException {
        Metric metric = SplitScores.metric(task.getMetric());
        BootstrapSpec bootstrap = new BootstrapSpec(task.getBootstrapResamples(), task.getBootstrapSeed());
        Map<String, Map<String, Predictions>> bySplit = new LinkedHashMap<>();
        for (ComparedScore score : work.getScores()) {
            bySplit.computeIfAbsent(score.getSplit(), split -> new LinkedHashMap<>())
                    .put(score.getName(), predictions(score.getPredictions()));
        }
        Map<String, List<Comparison>> comparisons = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Predictions>> split : bySplit.entrySet()) {
            List<String> baselines = work.getBaselines().stream()
                    .filter(split.getValue()::containsKey)
                    .toList();
            comparisons.put(split.getKey(), compared(split.getValue(), metric, bootstrap, baselines));
        }
        byte[] document = Documents.compared(metric.wireName(), comparisons);
        return Answer.document("", Answer.NO_SCORES, stored(document));
    }

    private static List<Comparison> compared(
            Map<String, Predictions> strategies, Metric metric, BootstrapSpec bootstrap, List<String> baselines) {
        try {
            return PairedComparison.compare(strategies, metric, bootstrap, baselines);
        } catch (IllegalArgumentException e) {
            throw new TaskRefused("scores: " + e.getMessage(), e);
        }
    }

    private StoredFile stored(byte[] document) {
        return store.put("documents", ".json", target -> Files.write(target, document))
                .toAvro();
    }

    @Override
    public void close() {
        models.close();
        blender.close();
    }
}
