package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Batch;
import org.fissionfusion.vision.augment.BatchOptions;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.StepSpec;
import org.fissionfusion.vision.model.TorchEngine;

/**
 * Running means and variances of BatchNorm, estimated anew for weights that were averaged: those of the batches of one
 * pass over the training images, averaged with the batches' sizes as weights, in float64. With batches of one size this
 * is what torch.optim.swa_utils.update_bn does.
 *
 * <p>Images are shuffled by the seed, resized and normalised as in scoring, never augmented; float32, nothing dropped.
 * The same weights, images, batch size, seed and engine give the same bytes. Counters of batches stay as they are.
 */
public final class BatchNormEstimate {
    /** How far a running statistic moves towards a batch's. */
    private static final double MOMENTUM = 0.1;

    private final Architecture architecture;
    private final int classes;
    private final ImageInput input;
    private final long seed;

    /** @param seed of the order of the images */
    public BatchNormEstimate(Architecture architecture, int classes, ImageInput input, long seed) {
        this.architecture = architecture;
        this.classes = classes;
        this.input = input;
        this.seed = seed;
    }

    /**
     * The weights with the statistics of the training images; empty when told to stop.
     *
     * @throws IllegalArgumentException when the architecture has no BatchNorm, or there is no batch of two images
     */
    public Optional<ModelWeights> of(
            ModelWeights weights, PreparedSet train, TrainingListener listener, BooleanSupplier stop)
            throws IOException {
        List<String> statistics = architecture.tensors(classes).stream()
                .filter(tensor -> tensor.kind() == ModelTensor.Kind.BUFFER)
                .map(ModelTensor::name)
                .toList();
        if (statistics.isEmpty()) {
            throw new IllegalArgumentException(architecture.name() + " has no BatchNorm statistics to estimate");
        }
        if (train.size() < 2 || input.batchSize() < 2) {
            throw new IllegalArgumentException("batchSize %d with %d images gives BatchNorm single images to normalise"
                    .formatted(input.batchSize(), train.size()));
        }
        try (Network network = Network.load(architecture, classes, Computation.PAPER, StepSpec.PAPER)) {
            network.set(weights);
            Map<String, double[]> sums = new LinkedHashMap<>();
            statistics.forEach(
                    name -> sums.put(name, new double[(int) network.weight(name).size()]));
            long images = sum(network, train, sums, listener, stop);
            if (images == 0) {
                return Optional.empty();
            }
            sums.forEach((name, sum) -> set(network.weight(name), sum, images));
            return Optional.of(ModelWeights.of(architecture, classes, network.snapshot()));
        }
    }

    /** @return the number of images seen, 0 when told to stop */
    private long sum(
            Network network,
            PreparedSet train,
            Map<String, double[]> sums,
            TrainingListener listener,
            BooleanSupplier stop) {
        BatchOptions options = BatchOptions.training(
                        input.imageSize(), input.normalisation(), Augmentation.NONE, input.batchSize(), seed)
                .withWorkers(input.workers());
        long begun = System.nanoTime();
        long images = 0;
        int step = 0;
        try (BatchSource source = new BatchSource(train, options)) {
            TorchEngine.enter(false);
            source.startEpoch(1);
            for (Optional<Batch> next = source.next(); next.isPresent(); next = source.next()) {
                Batch batch = next.get();
                if (stop.getAsBoolean()) {
                    return 0;
                }
                step++;
                if (batch.count() == 1) {
                    continue; // the last one, which has no variance
                }
                sums.keySet().forEach(name -> network.weight(name).muli(0));
                network.observe(batch.bytes(), batch.count(), input.imageSize());
                sums.forEach((name, sum) -> add(network.weight(name), batch.count(), sum));
                images += batch.count();
                listener.onStep(progress(step, source.batchesPerEpoch(), images, begun));
            }
        }
        return images;
    }

    private static void add(NDArray moved, int images, double[] sum) {
        float[] values = moved.toFloatArray();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += images * (values[i] / MOMENTUM);
        }
    }

    private static void set(NDArray statistic, double[] sum, long images) {
        float[] mean = new float[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / images);
        }
        statistic.set(mean);
    }

    private StepProgress progress(int step, int steps, long images, long begun) {
        double speed = images / ((System.nanoTime() - begun) / 1e9);
        double left = (double) (steps - step) * input.batchSize() / speed;
        return new StepProgress(1, 1, step, steps, 0, 0, speed, left);
    }
}
