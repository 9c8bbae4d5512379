package org.fissionfusion.local.bench;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Batch;
import org.fissionfusion.vision.augment.BatchOptions;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;

/**
 * Heavily augmented float batches made by one worker thread from images in memory.
 *
 * @param images of one epoch
 */
record InputPipeline(int stored, int made, int batch, int images) {
    private static final String WORKER = "batches-0";
    private static final int EPOCHS = 3;

    List<Figure> measure() {
        ImageShape shape = new ImageShape(stored, stored, 3);
        byte[] pixels = new byte[shape.bytes() * images];
        new Random(1).nextBytes(pixels);
        PreparedSet set = PreparedSet.inMemory(new LabelledImages(
                shape, MemorySegment.ofArray(pixels), new int[images], Optional.empty(), List.of("a", "b")));
        BatchOptions options = BatchOptions.training(made, Normalisation.IMAGENET, Augmentation.HEAVY, batch, 1);
        try (BatchSource source = new BatchSource(set, options)) {
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                take(source, epoch);
            }
            ThreadClock clock = new ThreadClock(WORKER::equals);
            for (int epoch = EPOCHS + 1; epoch <= 2 * EPOCHS; epoch++) {
                take(source, epoch);
            }
            int all = EPOCHS * images;
            String name = "input pipeline, %dx%d to %dx%d, heavy augmentation, per core"
                    .formatted(stored, stored, made, made);
            Figure speed = Figure.of(name, all / clock.seconds(), "images/s");
            return List.of(
                    made == 224 ? speed.atLeast(700) : speed,
                    Figure.of("  memory allocated per image", (double) clock.bytes() / all, "bytes"));
        }
    }

    private static void take(BatchSource source, int epoch) {
        source.startEpoch(epoch);
        Optional<Batch> batch = source.next();
        while (batch.isPresent()) {
            batch = source.next();
        }
    }
}
