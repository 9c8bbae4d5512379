package org.fissionfusion.vision.scoring;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.NativeHeap;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.TorchEngine;

/**
 * A network that scores: load weights, predict, load the next. Float32 throughout; the same weights and batch size give
 * the same bits whatever the number of workers.
 *
 * <p>Used by one thread at a time; its own workers share the batches of a pass.
 */
public final class ScoringModel implements AutoCloseable {
    private static final int LARGE = 224;
    private static final int HOST_BATCH = 128;
    private static final int DEVICE_BATCHES = 8;

    private final Architecture architecture;
    private final int classes;
    private final List<Network> networks = new ArrayList<>();
    private final ExecutorService workers;

    /**
     * Loads the program of an architecture, once per worker.
     *
     * @param workers threads that score batches at the same time
     */
    public ScoringModel(Architecture architecture, int classes, int workers) throws IOException {
        if (workers < 1) {
            throw new IllegalArgumentException("workers: " + workers + " is less than 1");
        }
        this.architecture = architecture;
        this.classes = classes;
        this.workers = Executors.newFixedThreadPool(
                workers, Thread.ofPlatform().daemon().name("scoring-", 1).factory());
        for (int i = 0; i < workers; i++) {
            networks.add(Network.load(architecture, classes));
        }
    }

    /**
     * Images of a forward pass: a fixed number of pixels, however much memory is free, because the number of images
     * decides the last bits of a logit. On the host as many as its caches are fast with, 32 of 224 x 224; on a device eight times as many, which takes
     * ResNet101 a few gigabytes.
     */
    public static int batch(int imageSize) {
        int most = TorchEngine.onHost() ? HOST_BATCH : DEVICE_BATCHES * HOST_BATCH;
        long pixels = (long) most / 4 * LARGE * LARGE;
        return Math.clamp(pixels / ((long) imageSize * imageSize), 1, most);
    }

    /** Takes weights that were checked. */
    public void load(ModelWeights weights) {
        networks.forEach(network -> network.set(weights));
    }

    /** Takes the weights of a file after checking them. */
    public void load(Path file) throws IOException {
        load(ModelWeights.read(file, architecture, classes));
    }

    /**
     * Takes averaged weights.
     *
     * @throws IllegalArgumentException naming the tensor and both layouts when they do not fit
     */
    public void load(Collection<Tensor> weights) {
        load(ModelWeights.of(architecture, classes, weights));
    }

    /** Takes bytes by tensor name; what is no tensor of the architecture (a counter of batches) is left out. */
    public void load(Map<String, MemorySegment> weights) {
        List<Tensor> tensors = new ArrayList<>();
        for (ModelTensor tensor : architecture.tensors(classes)) {
            MemorySegment bytes = weights.get(tensor.name());
            if (bytes == null) {
                throw new IllegalArgumentException("tensor " + tensor.spec() + " is missing");
            }
            tensors.add(new Tensor(
                    new TensorSpec(tensor.name(), DType.F32, tensor.spec().shape()), bytes));
        }
        load(tensors);
    }

    /** Prepares a split, scores it once and forgets it. */
    public Predictions predict(PreparedSet set, int imageSize, Normalisation normalisation, int batch) {
        try (EvaluationImages images = new EvaluationImages(set, imageSize, normalisation, batch, 0)) {
            return predict(images);
        }
    }

    /** Softmax probabilities of all images of one class each, in stored order. */
    public Predictions predict(EvaluationImages images) {
        return predict(images, Optional.empty());
    }

    /**
     * Probabilities of all images, in stored order: softmax of classes, sigmoid of findings.
     *
     * @param policy what is made of undecided findings; empty where images are of one class each
     * @throws IllegalArgumentException when the images are of the other kind
     */
    public Predictions predict(EvaluationImages images, Optional<FindingsPolicy> policy) {
        if (policy.isPresent() != images.known() instanceof Labels.Findings) {
            throw new IllegalArgumentException(
                    policy.isPresent()
                            ? "the set has one class per image; allowed with findings are multilabel sets"
                            : "the set is multilabel; allowed without findings are sets of one class per image");
        }
        architecture.requireImageSize(images.imageSize());
        float[] logits = new float[images.size() * classes];
        try (EvaluationImages.Pass pass = images.pass()) {
            List<Future<?>> running = new ArrayList<>();
            for (Network network : networks) {
                running.add(workers.submit(() -> Evaluation.fill(network, images, pass, logits)));
            }
            running.forEach(ScoringModel::await);
        } finally {
            NativeHeap.trim();
        }
        return switch (images.known()) {
            case Labels.Classes _ -> Predictions.ofLogits(classes, logits, images.labels(), images.groups());
            case Labels.Findings findings ->
                Predictions.ofFindings(
                        findings.classNames(), logits, policy.orElseThrow().decided(findings), images.groups());
        };
    }

    private static void await(Future<?> work) {
        try {
            work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while scoring", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("scoring failed: " + e.getCause().getMessage(), e.getCause());
        }
    }

    @Override
    public void close() {
        workers.close();
        networks.forEach(Network::close);
    }
}
