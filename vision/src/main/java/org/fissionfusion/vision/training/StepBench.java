package org.fissionfusion.vision.training;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.SplitMix;
import org.fissionfusion.vision.model.TorchEngine;

/** Measures training steps of a network of ten classes on made-up images that are already in memory. */
public final class StepBench {
    private static final int CLASSES = 10;
    private static final int IMAGE = 32;
    private static final int WARM_UP = 5;

    private StepBench() {}

    /**
     * What was measured.
     *
     * @param medianMillis of one step
     */
    public record Result(
            String architecture, int batchSize, int threads, int steps, double medianMillis, double minMillis) {
        public double imagesPerSecond() {
            return batchSize / medianMillis * 1e3;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s batch %d, %d threads: median %.1f ms, least %.1f ms a step, %.0f images/s",
                    architecture,
                    batchSize,
                    threads,
                    medianMillis,
                    minMillis,
                    imagesPerSecond());
        }
    }

    /** Runs steps on the calling thread, with as many engine threads as the engine was started with. */
    public static Result measure(String architecture, int batchSize, int steps) throws IOException {
        ImageInput input = new ImageInput(IMAGE, Normalisation.IMAGENET, Augmentation.NONE, batchSize, 1);
        Architecture known = Architecture.named(architecture);
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(1e-3, 1), Optional.empty());
        TrainingPlan plan = new TrainingPlan(known, CLASSES, stage, input, OptimizerSettings.PAPER, 1);
        SplitMix random = new SplitMix(1);
        double[] millis = new double[steps];
        try (Arena arena = Arena.ofConfined();
                TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(InitialWeights.of(known, CLASSES, 1));
            ByteBuffer pixels = arena.allocate(4L * 3 * IMAGE * IMAGE * batchSize, 64)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder());
            while (pixels.hasRemaining()) {
                pixels.putFloat((float) random.nextGaussian());
            }
            pixels.rewind();
            long[] labels = new long[batchSize];
            Arrays.setAll(labels, i -> i % CLASSES);
            for (int i = -WARM_UP; i < steps; i++) {
                long begun = System.nanoTime();
                network.step(pixels, labels, batchSize, 1e-3);
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - begun) / 1e6;
                }
            }
        }
        Arrays.sort(millis);
        return new Result(architecture, batchSize, TorchEngine.threads(), steps, millis[steps / 2], millis[0]);
    }

    /** Arguments: architecture, batch size, engine threads, steps; all optional. */
    public static void main(String[] arguments) throws IOException {
        String architecture = arguments.length > 0 ? arguments[0] : "resnet20";
        int batchSize = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 128;
        TorchEngine.start(arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1);
        int steps = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 40;
        System.out.println(measure(architecture, batchSize, steps));
    }
}
