package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.BatchOptions;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.scoring.EvaluationImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochPassTest {
    private static final Architecture RESNET = Architecture.named("resnet20");
    private static final int CLASSES = 3;
    private static final int SIZE = 8;
    private static final int BATCH = 4;
    private static final int IMAGES = 26;

    private final PreparedSet set = images();

    private static PreparedSet images() {
        byte[] pixels = new byte[IMAGES * 3 * SIZE * SIZE];
        new Random(1).nextBytes(pixels);
        int[] labels = new int[IMAGES];
        for (int i = 0; i < IMAGES; i++) {
            labels[i] = i % CLASSES;
        }
        return PreparedSet.inMemory(new LabelledImages(
                new ImageShape(SIZE, SIZE, 3),
                MemorySegment.ofArray(pixels),
                labels,
                Optional.empty(),
                List.of("a", "b", "c")));
    }

    private record Epoch(EpochPass.Result result, List<Double> losses, List<Tensor> weights) {}

    private Epoch epoch(int lossesAtOnce, boolean direct, double rate, BooleanSupplier stop) throws IOException {
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(rate, 1), Optional.empty());
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.HEAVY, BATCH, 1);
        TrainingPlan plan = new TrainingPlan(RESNET, CLASSES, stage, input, OptimizerSettings.PAPER, 1);
        List<Double> losses = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onStep(StepProgress progress) {
                losses.add(progress.loss());
            }
        };
        try (TrainedNetwork network = TrainedNetwork.load(plan, ClassBalance.even(CLASSES), direct);
                BatchSource source = new BatchSource(
                        set,
                        BatchOptions.training(
                                SIZE, Normalisation.IMAGENET, Augmentation.HEAVY, BATCH, plan.imageSeed()));
                EvaluationImages validation = new EvaluationImages(set, SIZE, Normalisation.IMAGENET, BATCH, 1L << 20);
                EpochPass pass = new EpochPass(plan, network, source, set, set, validation, lossesAtOnce)) {
            network.setWeights(InitialWeights.of(RESNET, CLASSES, 1));
            EpochPass.Result result = pass.run(1, listener, stop);
            return new Epoch(result, losses, network.snapshot().weights());
        }
    }

    private Epoch epoch(int lossesAtOnce, boolean direct, double rate) throws IOException {
        return epoch(lossesAtOnce, direct, rate, () -> false);
    }

    @ParameterizedTest
    @CsvSource({"4, true", "1, false", "4, false", "100, false"})
    void neitherReadingLossesLaterNorCopyingAheadChangesAnything(int lossesAtOnce, boolean direct) throws IOException {
        Epoch wanted = epoch(1, true, 1e-3);
        Epoch epoch = epoch(lossesAtOnce, direct, 1e-3);

        EpochLog one = ((EpochPass.Done) wanted.result()).log();
        EpochLog log = ((EpochPass.Done) epoch.result()).log();
        assertThat(wanted.losses()).hasSize(7).doesNotHaveDuplicates();
        assertThat(epoch.losses()).isEqualTo(wanted.losses());
        assertThat(log.trainLoss()).isEqualTo(one.trainLoss());
        assertThat(log.validationLoss()).isEqualTo(one.validationLoss());
        assertThat(log.images()).isEqualTo(one.images()).isEqualTo(IMAGES);
        for (int i = 0; i < wanted.weights().size(); i++) {
            MemorySegment bytes = wanted.weights().get(i).bytes();
            assertThat(bytes.mismatch(epoch.weights().get(i).bytes())).isEqualTo(-1);
        }
    }

    @Test
    void namesTheStepThatDivergedWheneverItsLossIsRead() throws IOException {
        Epoch eachStep = epoch(1, true, 1e30);
        Epoch fourAtOnce = epoch(4, false, 1e30);

        assertThat(eachStep.result()).isInstanceOf(EpochPass.Broken.class).isEqualTo(fourAtOnce.result());
        assertThat(fourAtOnce.losses()).isEqualTo(eachStep.losses());
    }

    @Test
    void stopsBetweenStepsThoughTheNextBatchIsCopied() throws IOException {
        AtomicInteger asked = new AtomicInteger();

        Epoch epoch = epoch(4, false, 1e-3, () -> asked.incrementAndGet() > 3);

        assertThat(epoch.result()).isInstanceOf(EpochPass.Stopped.class);
        assertThat(epoch.losses()).hasSize(3);
    }

    @Test
    void tellsWhyABatchCouldNotBeCopied() {
        try (StagedBatches batches = new StagedBatches(true)) {
            batches.start(2, step -> {
                throw new IllegalStateException("no batch " + step);
            });

            assertThatIllegalStateException().isThrownBy(batches::next).withMessage("no batch 0");
        }
    }
}
