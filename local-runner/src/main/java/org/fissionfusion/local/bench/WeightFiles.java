package org.fissionfusion.local.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.MeanOfWeights;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * Writing, reading and blending safetensors files that the system has in memory, in processor time of the one thread
 * that does it, the system's work included. The best of several.
 */
record WeightFiles(int megabytes) {
    private static final int INGREDIENTS = 4;
    private static final int TENSORS = 16;
    private static final int REPEATS = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private interface Work {
        void run() throws IOException;
    }

    List<Figure> measure(Path folder) throws IOException {
        long floats = megabytes * 1_000_000L / Float.BYTES / TENSORS;
        long bytes = floats * Float.BYTES * TENSORS;
        List<Path> files = new ArrayList<>();
        double write = Double.POSITIVE_INFINITY;
        double read;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(floats * Float.BYTES, Float.BYTES);
            Random random = new Random(1);
            for (long i = 0; i < floats; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
            }
            List<TensorSource> tensors = new ArrayList<>();
            for (int i = 0; i < TENSORS; i++) {
                tensors.add(TensorSource.of(new TensorSpec("t" + i, DType.F32, new long[] {floats}), values));
            }
            for (int i = 0; i < INGREDIENTS; i++) {
                Path file = folder.resolve("ingredient-" + i + ".safetensors");
                write = Math.min(write, seconds(() -> SafetensorsWriter.write(file, Map.of(), tensors)));
                files.add(file);
            }
            read = best(() -> copy(files.getFirst(), values));
        }
        Path soup = folder.resolve("soup.safetensors");
        double blend = best(() -> MeanOfWeights.blend(files, INGREDIENTS, soup, Map.of()));
        double input = (double) INGREDIENTS * bytes;
        return List.of(
                Figure.of("safetensors write, %d MB, per core".formatted(megabytes), bytes / write / 1e9, "GB/s"),
                Figure.of("safetensors read, cached, per core", bytes / read / 1e9, "GB/s")
                        .atLeast(1),
                Figure.of("blending %d cached files, per core".formatted(INGREDIENTS), input / blend / 1e9, "GB/s")
                        .atLeast(1));
    }

    private static void copy(Path file, MemorySegment target) throws IOException {
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            for (TensorSpec tensor : open.tensors()) {
                target.copyFrom(open.bytes(tensor.name()));
            }
        }
    }

    private static double best(Work work) throws IOException {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < REPEATS; i++) {
            best = Math.min(best, seconds(work));
        }
        return best;
    }

    private static double seconds(Work work) throws IOException {
        long begun = THREADS.getCurrentThreadCpuTime();
        work.run();
        return (THREADS.getCurrentThreadCpuTime() - begun) / 1e9;
    }
}
