package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.MeanOfWeights;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.BatchOptions;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;

/** Bytes and images per second of the parts that are not the network. */
final class Throughput {
    private static final int INGREDIENTS = 4;
    private static final int REPEATS = 5;

    private Throughput() {}

    /** Augmented 32 x 32 images from 28 x 28 ones. */
    static void pipeline(ObjectNode measured, int images) {
        ImageShape shape = new ImageShape(28, 28, 3);
        byte[] pixels = new byte[shape.bytes() * images];
        new Random(1).nextBytes(pixels);
        PreparedSet set = PreparedSet.inMemory(new LabelledImages(
                shape, MemorySegment.ofArray(pixels), new int[images], Optional.empty(), List.of("a", "b")));
        BatchOptions options = BatchOptions.training(32, Normalisation.IMAGENET, Augmentation.HEAVY, 64, 1);
        double best = Double.POSITIVE_INFINITY;
        try (BatchSource source = new BatchSource(set, options)) {
            for (int epoch = 1; epoch <= REPEATS; epoch++) {
                long begun = System.nanoTime();
                source.startEpoch(epoch);
                while (source.next().isPresent()) {
                    // taking them is the work
                }
                best = Math.min(best, (System.nanoTime() - begun) / 1e9);
            }
        }
        measured.put("pipelineImagesPerSecond", images / best);
    }

    /** Writing, and the mean of four files that the system has in memory. */
    static void files(ObjectNode measured, Path folder, int megabytes) throws IOException {
        List<Path> files = new ArrayList<>();
        long floats = megabytes * 1_000_000L / Float.BYTES / 16;
        double write = Double.POSITIVE_INFINITY;
        double blend = Double.POSITIVE_INFINITY;
        long bytes = floats * Float.BYTES * 16;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(floats * Float.BYTES, Float.BYTES);
            Random random = new Random(1);
            for (long i = 0; i < floats; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
            }
            List<TensorSource> tensors = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                tensors.add(TensorSource.of(new TensorSpec("t" + i, DType.F32, new long[] {floats}), values));
            }
            for (int i = 0; i < INGREDIENTS; i++) {
                Path file = folder.resolve("ingredient-" + i + ".safetensors");
                long begun = System.nanoTime();
                SafetensorsWriter.write(file, Map.of(), tensors);
                write = Math.min(write, (System.nanoTime() - begun) / 1e9);
                files.add(file);
            }
        }
        Path soup = folder.resolve("soup.safetensors");
        for (int i = 0; i < REPEATS; i++) {
            long begun = System.nanoTime();
            MeanOfWeights.blend(files, INGREDIENTS, soup, Map.of());
            blend = Math.min(blend, (System.nanoTime() - begun) / 1e9);
            Files.delete(soup);
        }
        measured.put("writeGigabytesPerSecond", bytes / write / 1e9);
        measured.put("blendGigabytesPerSecond", INGREDIENTS * bytes / blend / 1e9);
    }
}
