package org.fissionfusion.evaluator;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.request.ScriptedArchitecture;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.scoring.EvaluationImages;
import org.fissionfusion.vision.scoring.ScoringModel;

/**
 * The network and the images it sees, both kept from one tasting to the next: most tasks in a row ask for the same
 * architecture and the same validation set. Images are kept within a budget, least recently used first out.
 */
final class Models implements AutoCloseable {
    private final ObjectStore store;
    private final int threads;
    private final long budgetBytes;
    private final LinkedHashMap<ImagesKey, Held> images = new LinkedHashMap<>(16, 0.75f, true);
    private ModelKey loadedFor;
    private ScoringModel model;

    Models(ObjectStore store, int threads, long budgetBytes) {
        this.store = store;
        this.threads = threads;
        this.budgetBytes = budgetBytes;
    }

    private record ModelKey(String architecture, int imageSize, int classes) {}

    private record ImagesKey(String sha256, int imageSize, Normalisation normalisation) {}

    private record Held(PreparedSet set, EvaluationImages input, long bytes) {
        void close() {
            input.close();
            set.close();
        }
    }

    /** What weights say about a split. */
    Predictions predict(EvaluationTask task, DataSplit split, List<Tensor> weights) throws IOException {
        try {
            EvaluationImages input = images(task, split);
            ScoringModel scoring = model(task);
            scoring.load(weights);
            return scoring.predict(input, Findings.policy(task.getFindings()));
        } catch (IllegalArgumentException e) {
            throw new TaskRefused(e.getMessage(), e);
        }
    }

    private ScoringModel model(EvaluationTask task) throws IOException {
        ModelKey wanted = new ModelKey(task.getArchitecture(), task.getImageSize(), task.getClasses());
        if (!wanted.equals(loadedFor)) {
            if (model != null) {
                model.close();
                loadedFor = null;
            }
            Architecture architecture = Architecture.of(
                    wanted.architecture(), wanted.imageSize(), wanted.classes(), script -> script(store, script));
            model = new ScoringModel(architecture, wanted.classes(), threads);
            loadedFor = wanted;
        }
        return model;
    }

    /** The file of a scripted network. */
    static Path script(ObjectStore store, ScriptedArchitecture script) {
        return store.verified(new StoredObject(script.key(), script.sha256(), script.bytes()));
    }

    private EvaluationImages images(EvaluationTask task, DataSplit split) {
        ImagesKey key = new ImagesKey(
                split.getFile().getSha256(), task.getImageSize(), normalisation(task.getMean(), task.getStd()));
        Held known = images.get(key);
        if (known == null) {
            known = open(task, split, key);
            images.put(key, known);
        }
        return known.input();
    }

    private Held open(EvaluationTask task, DataSplit split, ImagesKey key) {
        PreparedSet set = PreparedSets.open(split, store);
        if (!set.classNames().equals(task.getClassNames())) {
            List<String> found = set.classNames();
            set.close();
            throw new TaskRefused("splits: the classes of " + split.getName() + " are " + found + "; allowed are "
                    + task.getClassNames());
        }
        long bytes = (long) Float.BYTES * 3 * key.imageSize() * key.imageSize() * set.size();
        boolean keeps = bytes <= budgetBytes;
        makeRoom(keeps ? bytes : 0);
        int batch = ScoringModel.batch(key.imageSize());
        return new Held(
                set,
                new EvaluationImages(set, key.imageSize(), key.normalisation(), batch, keeps ? bytes : 0),
                keeps ? bytes : 0);
    }

    private void makeRoom(long bytes) {
        long total = bytes + images.values().stream().mapToLong(Held::bytes).sum();
        for (ImagesKey eldest : new ArrayList<>(images.keySet())) {
            if (total <= budgetBytes) {
                return;
            }
            Held evicted = images.remove(eldest);
            total -= evicted.bytes();
            evicted.close();
        }
    }

    static Normalisation normalisation(List<Double> mean, List<Double> deviation) {
        return new Normalisation(
                mean.stream().map(Double::floatValue).toList(),
                deviation.stream().map(Double::floatValue).toList());
    }

    @Override
    public void close() {
        images.values().forEach(Held::close);
        images.clear();
        if (model != null) {
            model.close();
            loadedFor = null;
            model = null;
        }
    }
}
