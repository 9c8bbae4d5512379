package org.fissionfusion.local.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.training.EpochLog;
import org.fissionfusion.vision.training.ImageInput;
import org.fissionfusion.vision.training.OptimizerSettings;
import org.fissionfusion.vision.training.StateFolder;
import org.fissionfusion.vision.training.TrainingListener;
import org.fissionfusion.vision.training.TrainingPlan;
import org.fissionfusion.vision.training.TrainingRun;
import org.fissionfusion.vision.training.TrainingStage;
import org.fissionfusion.vision.training.TrainingStart;

/**
 * The share of time for which the steps of a training wait for their images, validation not counted as time.
 *
 * @param images of an epoch
 */
record DataWait(int images) {
    private static final int CLASSES = 10;
    private static final int BATCH = 128;
    private static final int SIZE = 32;
    private static final int EPOCHS = 2;

    List<Figure> measure(Path folder) throws IOException {
        Architecture architecture = Architecture.named("resnet20");
        Path weights = folder.resolve("weights.safetensors");
        InitialWeights.of(architecture, CLASSES, 1).write(weights, Map.of());
        TrainingPlan plan = new TrainingPlan(
                architecture,
                CLASSES,
                new TrainingStage.FineTune(new CosineSchedule(1e-3, EPOCHS), Optional.empty()),
                new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.HEAVY, Math.min(BATCH, images), 1),
                OptimizerSettings.PAPER,
                1);
        Waits waits = new Waits();
        new TrainingRun(plan, noise(images), noise(2), StateFolder.at(folder.resolve("run")))
                .run(TrainingStart.from(weights), waits, () -> false);
        return List.of(Figure.of(
                        "time that training steps wait for images, resnet20, batch %d, heavy augmentation"
                                .formatted(plan.input().batchSize()),
                        100 * waits.waited / waits.worked,
                        "%")
                .atMost(2));
    }

    private static final class Waits implements TrainingListener {
        private double waited;
        private double worked;

        @Override
        public void onBatch(Duration wait) {
            waited += wait.toNanos() / 1e9;
        }

        @Override
        public void onEpoch(EpochLog log, Path state) {
            worked += log.seconds();
        }
    }

    private static PreparedSet noise(int images) {
        ImageShape shape = new ImageShape(SIZE, SIZE, 3);
        byte[] pixels = new byte[shape.bytes() * images];
        new Random(1).nextBytes(pixels);
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        return PreparedSet.inMemory(
                new LabelledImages(shape, MemorySegment.ofArray(pixels), new int[images], Optional.empty(), names));
    }
}
