package org.fissionfusion.vision.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;
import org.fissionfusion.vision.model.SplitMix;
import org.fissionfusion.vision.model.TorchEngine;

/** Times training steps or scored batches of a network of ten classes on made-up images that are already in memory. */
public final class StepBench {
    private static final int CLASSES = 10;
    private static final int WARM_UP = 3;

    private StepBench() {}

    /**
     * Takes some steps for every line of standard input and answers with a line {@code times: WALL/PROCESSOR ...}, the
     * milliseconds of each step.
     *
     * @param arguments train or score, architecture, batch size, engine threads, steps per line, then, where they are to
     *     differ: image size, precision, memory format
     */
    public static void main(String[] arguments) throws IOException {
        boolean training = arguments[0].equals("train");
        int batch = Integer.parseInt(arguments[2]);
        TorchEngine.start(Integer.parseInt(arguments[3]));
        int steps = Integer.parseInt(arguments[4]);
        int size = arguments.length > 5
                ? Integer.parseInt(arguments[5])
                : Architecture.named(arguments[1]).usualImageSize();
        Computation computation = new Computation(
                arguments.length > 6 ? Precision.valueOf(arguments[6]) : Precision.FP32,
                arguments.length > 7 ? MemoryFormat.valueOf(arguments[7]) : MemoryFormat.CONTIGUOUS,
                0,
                0);
        try (Arena arena = Arena.ofConfined();
                TrainedNetwork network = network(Architecture.named(arguments[1], size), size, batch, computation)) {
            ByteBuffer pixels = pixels(arena, batch, size);
            long[] labels = new long[batch];
            Arrays.setAll(labels, i -> i % CLASSES);
            Runnable step = training
                    ? () -> network.step(pixels, labels, batch, 1e-3)
                    : () -> network.network().logits(pixels, batch, size);
            for (int i = 0; i < WARM_UP; i++) {
                step.run();
            }
            answer(step, steps);
        }
    }

    private static TrainedNetwork network(Architecture architecture, int size, int batch, Computation computation)
            throws IOException {
        Refinements refinements = new Refinements(
                computation, Refinements.Objective.PAPER, OptionalDouble.empty(), 1, OptionalDouble.empty(), 1, false);
        ImageInput input = new ImageInput(size, Normalisation.IMAGENET, Augmentation.NONE, batch, 1);
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(1e-3, 1), Optional.empty());
        TrainedNetwork network = TrainedNetwork.load(
                new TrainingPlan(architecture, CLASSES, stage, input, OptimizerSettings.PAPER, 1, refinements));
        network.setWeights(InitialWeights.of(architecture, CLASSES, 1));
        TorchEngine.enter(false);
        return network;
    }

    private static ByteBuffer pixels(Arena arena, int batch, int size) {
        ByteBuffer pixels =
                arena.allocate(4L * 3 * size * size * batch, 64).asByteBuffer().order(ByteOrder.nativeOrder());
        SplitMix random = new SplitMix(1);
        while (pixels.hasRemaining()) {
            pixels.putFloat((float) random.nextGaussian());
        }
        return pixels.rewind();
    }

    private static void answer(Runnable step, int steps) throws IOException {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            StringBuilder times = new StringBuilder("times:");
            for (int i = 0; i < steps; i++) {
                long begun = System.nanoTime();
                long processor = system.getProcessCpuTime();
                step.run();
                times.append(String.format(
                        Locale.ROOT,
                        " %.3f/%.3f",
                        (System.nanoTime() - begun) / 1e6,
                        (system.getProcessCpuTime() - processor) / 1e6));
            }
            System.out.println(times);
        }
    }
}
