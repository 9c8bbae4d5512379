package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int BATCH = 4;
    private static final int SIZE = 8;
    private static final int CLASSES = 5;

    /** A step that kept its activations, as one without its own memory does, would take gigabytes. */
    @Test
    void residentMemoryIsFlatOverTwoThousandSteps() throws IOException {
        assumeTrue(Files.exists(STATUS), "skipped: no " + STATUS + " to read the resident size from");
        Architecture architecture = Architecture.named("resnet20");
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(1e-3, 1), Optional.empty());
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.NONE, BATCH, 1);
        TrainingPlan plan = new TrainingPlan(architecture, CLASSES, stage, input, OptimizerSettings.PAPER, 1);
        ByteBuffer images = GoldenNumbers.images(BATCH, SIZE);
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(GoldenNumbers.weights(architecture, CLASSES));
            steps(network, images, 200);
            long before = residentKilobytes();

            steps(network, images, 2000);

            // 32 KB a step, a small part of the activations of one
            assertThat(residentKilobytes() - before).isLessThan(64_000);
        }
    }

    private static void steps(TrainedNetwork network, ByteBuffer images, int count) {
        for (int i = 0; i < count; i++) {
            network.step(images, new long[] {0, 1, 2, 3}, BATCH, 1e-4);
        }
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
