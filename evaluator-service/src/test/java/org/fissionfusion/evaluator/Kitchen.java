package org.fissionfusion.evaluator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.runtime.Deliveries;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.RecordedReports;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.WatchedStore;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSetWriter;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;

/** A store with small data sets and random weights, and an evaluator that works on it. */
final class Kitchen implements AutoCloseable {
    static final List<String> CLASSES = List.of("dark", "bright");
    private static final int SIZE = 8;

    final FolderStore files;
    final WatchedStore store;
    final RecordedReports reports = new RecordedReports();
    final EvaluationWorker worker;
    boolean selectionClosed;

    Kitchen(Path folder) {
        files = new FolderStore(folder.resolve("store"));
        store = new WatchedStore(files);
        SealedSplits sealed = new SealedSplits((experiment, patience) -> selectionClosed, Duration.ZERO);
        Evaluation evaluation = Evaluation.over(store, 1, EvaluatorService.Limits.DEFAULT, sealed);
        worker = new EvaluationWorker("w", store, SerdeFactory.bundled().valuesOf(Topics.RESULTS), evaluation, reports);
    }

    Ingredient ingredient(String id, long seed) throws IOException {
        StoredObject file = store.put(
                "checkpoints",
                ".safetensors",
                target -> InitialWeights.of(Architecture.named("resnet20"), CLASSES.size(), seed)
                        .write(target, Map.of("id", id)));
        try (SafetensorsFile weights = SafetensorsFile.open(store.verified(file))) {
            return new Ingredient(id, file.toAvro(), WeightsDigest.of(weights));
        }
    }

    DataSplit split(String name, boolean sealed, long seed) {
        return split(name, sealed, blobs(30, seed, CLASSES));
    }

    DataSplit split(String name, boolean sealed, LabelledImages images) {
        StoredFile file = store.put("data", ".safetensors", target -> {
                    try {
                        PreparedSetWriter.write(
                                target, images, new PreparedSetWriter.Origin("made up", "none"), Map.of());
                    } catch (PreparationException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toAvro();
        return new DataSplit(name, file, sealed, List.of());
    }

    /** Dark images are of class 0, bright ones of class 1. */
    static LabelledImages blobs(int images, long seed, List<String> classes) {
        Random random = new Random(seed);
        ImageShape shape = new ImageShape(SIZE, SIZE, 1);
        MemorySegment pixels = Arena.ofAuto().allocate((long) images * shape.bytes());
        int[] labels = new int[images];
        for (int i = 0; i < images; i++) {
            labels[i] = i % 2;
            for (int p = 0; p < shape.bytes(); p++) {
                int value = 60 + 80 * labels[i] + random.nextInt(60);
                pixels.set(ValueLayout.JAVA_BYTE, (long) i * shape.bytes() + p, (byte) value);
            }
        }
        return new LabelledImages(shape, pixels, labels, Optional.empty(), classes);
    }

    static EvaluationTask task(String id, Object work) {
        return EvaluationTask.newBuilder()
                .setExperimentId("exp-42")
                .setTaskId("exp-42/" + id)
                .setAttempt(1)
                .setArchitecture("resnet20")
                .setClasses(CLASSES.size())
                .setClassNames(CLASSES)
                .setImageSize(SIZE)
                .setMean(List.of(0.5, 0.5, 0.5))
                .setStd(List.of(0.25, 0.25, 0.25))
                .setMetric(MetricName.MACRO_F1)
                .setBootstrapResamples(50)
                .setBootstrapSeed(1)
                .setWork(work)
                .build();
    }

    static Recipe recipe(Ingredient... ingredients) {
        return new Recipe(List.of(ingredients), ingredients.length);
    }

    EvaluationCompleted score(String id, Recipe recipe, DataSplit... splits) throws Exception {
        return done(task(
                id, new Scoring(recipe, List.of(splits), recipe.getIngredients().size() > 1, null)));
    }

    /** Has the task done and returns its result. */
    EvaluationCompleted done(EvaluationTask task) throws Exception {
        worker.handle(task, delivery(task));
        return (EvaluationCompleted) reports.last();
    }

    static Delivery delivery(EvaluationTask task) {
        return new Deliveries("evaluation-tasks").of(task.getTaskId());
    }

    @Override
    public void close() {
        worker.close();
    }
}
