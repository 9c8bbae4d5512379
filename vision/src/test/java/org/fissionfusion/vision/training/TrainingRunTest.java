package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.schedule.CyclicalSchedule;
import org.fissionfusion.core.schedule.EarlyStop;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.SplitMix;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
    private static final Architecture RESNET = Architecture.named("resnet20");
    private static final int CLASSES = 3;
    private static final int SIZE = 16;

    @TempDir
    Path folder;

    private Path pretrained;

    @BeforeEach
    void pretrain() throws IOException {
        pretrained = folder.resolve("pretrained.safetensors");
        InitialWeights.of(RESNET, 10, 1).write(pretrained, Map.of());
    }

    @Test
    void aResumedFineTuningEndsWithTheSameBytes() throws IOException {
        TrainingPlan plan = fineTune(1e-3, 4, Optional.of(new EarlyStop(8, 0.001)));
        Recording whole = new Recording("whole");
        whole.run(plan, TrainingStart.from(pretrained));

        for (int epochs = 1; epochs < 4; epochs++) {
            Recording first = new Recording("first" + epochs);
            first.stopAfterEpoch = epochs;
            assertThat(first.run(plan, TrainingStart.from(pretrained)))
                    .isEqualTo(new TrainingOutcome.Interrupted(epochs));
            Recording second = new Recording("second" + epochs);
            TrainingOutcome outcome =
                    second.run(plan, TrainingStart.from(pretrained).resuming(first.state));

            assertThat(second.bytes()).isEqualTo(whole.bytes());
            assertThat(((TrainingOutcome.Completed) outcome).epochs()).isEqualTo(4);
        }
    }

    @Test
    void fissionTakesACheckpointAtEachMinimumAndResumesToTheSameBytes() throws IOException {
        Recording base = new Recording("base");
        base.run(fineTune(1e-3, 1, Optional.empty()), TrainingStart.from(pretrained));
        TrainingStart start = TrainingStart.from(base.checkpoints.getFirst().weights())
                .inheriting(base.checkpoints.getFirst().optimizer().orElseThrow());
        TrainingPlan plan = plan(new TrainingStage.Fission(5, new CyclicalSchedule(1e-3, 1e-6, 4), 1e-3));

        Recording whole = new Recording("whole");
        TrainingOutcome outcome = whole.run(plan, start);
        Recording first = new Recording("first");
        first.stopAfterEpoch = 2;
        first.run(plan, start);
        Recording second = new Recording("second");
        second.run(plan, start.resuming(first.state));

        assertThat(outcome).isInstanceOf(TrainingOutcome.Completed.class);
        assertThat(whole.checkpoints).extracting(SavedCheckpoint::epoch).containsExactly(1, 5);
        assertThat(whole.checkpoints).extracting(SavedCheckpoint::cycle).containsExactly(1, 2);
        assertThat(whole.warnings).singleElement().asString().contains("batches an epoch");
        assertThat(second.bytes().getLast()).isEqualTo(whole.bytes().getLast());
        assertThatThrownBy(() -> new Recording("bare").run(plan, TrainingStart.from(base.weights())))
                .hasMessageContaining("optimizer state");
    }

    @Test
    void twoFissionLinesOfOneSeedSeeDifferentOrders() {
        CyclicalSchedule rates = new CyclicalSchedule(1e-3, 1e-6, 4);
        TrainingPlan one = plan(new TrainingStage.Fission(5, rates, 1e-3));
        TrainingPlan other = plan(new TrainingStage.Fission(5, rates, 5e-4));

        assertThat(one.imageSeed()).isNotEqualTo(other.imageSeed());
        assertThat(one.imageSeed())
                .isEqualTo(plan(new TrainingStage.Fission(5, rates, 1e-3)).imageSeed());
    }

    @Test
    void aLinearProbeChangesTheHeadAlone() throws IOException {
        Recording frozen = new Recording("frozen");
        frozen.run(probe(BatchNormMode.FROZEN), TrainingStart.from(pretrained));
        Recording batch = new Recording("batch");
        batch.run(probe(BatchNormMode.BATCH), TrainingStart.from(pretrained));

        ModelWeights start = ModelWeights.readWithHead(pretrained, RESNET, CLASSES, 1);
        ModelWeights probed = ModelWeights.read(frozen.weights(), RESNET, CLASSES);
        ModelWeights moved = ModelWeights.read(batch.weights(), RESNET, CLASSES);
        for (var tensor : RESNET.tensors(CLASSES)) {
            boolean same = same(start, probed, tensor.name());
            assertThat(same).as(tensor.name()).isEqualTo(!tensor.head());
            assertThat(same(start, moved, tensor.name()))
                    .as(tensor.name())
                    .isEqualTo(tensor.trained() && !tensor.head());
        }
    }

    private static boolean same(ModelWeights one, ModelWeights other, String name) {
        return one.tensor(name).bytes().mismatch(other.tensor(name).bytes()) == -1;
    }

    @Test
    void parallelRunsAreTheSerialOnes() throws Exception {
        List<TrainingPlan> plans = List.of(
                fineTune(1e-3, 2, Optional.empty()),
                fineTune(5e-4, 2, Optional.empty()),
                fineTune(1e-4, 2, Optional.empty()));
        List<List<String>> serial = new ArrayList<>();
        for (TrainingPlan plan : plans) {
            Recording run = new Recording("serial" + serial.size());
            run.run(plan, TrainingStart.from(pretrained));
            serial.add(run.bytes());
        }

        List<List<String>> parallel = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Callable<List<String>>> tasks = new ArrayList<>();
            for (TrainingPlan plan : plans) {
                Recording run = new Recording("parallel" + tasks.size());
                tasks.add(() -> {
                    run.run(plan, TrainingStart.from(pretrained));
                    return run.bytes();
                });
            }
            for (Future<List<String>> future : threads.invokeAll(tasks)) {
                parallel.add(future.get());
            }
        }

        assertThat(parallel).isEqualTo(serial);
        assertThat(serial.get(0)).isNotEqualTo(serial.get(1));
    }

    @Test
    void divergenceEndsTheRunWithEpochAndStepAndNoCheckpoint() throws IOException {
        Recording run = new Recording("diverging");
        TrainingOutcome outcome = run.run(fineTune(1e30, 3, Optional.empty()), TrainingStart.from(pretrained));

        assertThat(outcome).isInstanceOf(TrainingOutcome.Diverged.class);
        assertThat(((TrainingOutcome.Diverged) outcome).reason())
                .contains("epoch 1")
                .contains("step");
        assertThat(run.checkpoints).isEmpty();
    }

    @Test
    void stopsBetweenSteps() throws IOException {
        TrainingRun run = new TrainingRun(
                fineTune(1e-3, 3, Optional.empty()), images(40, 1), images(12, 2), StateFolder.at(folder.resolve("s")));
        int[] asked = {0};

        TrainingOutcome outcome =
                run.run(TrainingStart.from(pretrained), new TrainingListener() {}, () -> ++asked[0] > 2);

        assertThat(outcome).isEqualTo(new TrainingOutcome.Interrupted(0));
        assertThat(asked[0]).isEqualTo(3);
    }

    @Test
    void leavesOutASingleLastImageWhereBatchNormNeedsTwo() throws IOException {
        List<EpochLog> logs = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onEpoch(EpochLog log, Path state) {
                logs.add(log);
            }
        };
        StateFolder state = StateFolder.at(folder.resolve("odd"));
        new TrainingRun(fineTune(1e-3, 1, Optional.empty()), images(33, 1), images(12, 2), state)
                .run(TrainingStart.from(pretrained), listener, () -> false);
        new TrainingRun(probe(BatchNormMode.FROZEN), images(33, 1), images(12, 2), state)
                .run(TrainingStart.from(pretrained), listener, () -> false);

        assertThat(logs.get(0).images()).isEqualTo(32);
        assertThat(logs.get(1).images()).isEqualTo(33);
        assertThatThrownBy(
                        () -> new TrainingRun(fineTune(1e-3, 1, Optional.empty()), images(1, 1), images(12, 2), state))
                .hasMessageContaining("batchSize");
    }

    @Test
    void refusesTheStateOfAnotherPlan() throws IOException {
        Recording run = new Recording("one");
        run.run(fineTune(1e-3, 1, Optional.empty()), TrainingStart.from(pretrained));

        assertThatThrownBy(() -> new Recording("other")
                        .run(
                                fineTune(1e-4, 1, Optional.empty()),
                                TrainingStart.from(pretrained).resuming(run.state)))
                .hasMessageContaining("another plan");
    }

    @Test
    void learnsToTellTheClassesApart() throws IOException {
        Recording run = new Recording("learning");
        var outcome = (TrainingOutcome.Completed)
                run.run(fineTune(1e-3, 4, Optional.empty()), TrainingStart.from(pretrained));

        assertThat(outcome.log().getLast().trainLoss())
                .isLessThan(outcome.log().getFirst().trainLoss() * 0.7);
        assertThat(outcome.images()).isEqualTo(160);
    }

    private static TrainingPlan fineTune(double rate, int epochs, Optional<EarlyStop> earlyStop) {
        return plan(new TrainingStage.FineTune(new CosineSchedule(rate, epochs), earlyStop));
    }

    private static TrainingPlan probe(BatchNormMode batchNorm) {
        return plan(new TrainingStage.LinearProbe(new CosineSchedule(1e-2, 1), batchNorm));
    }

    private static TrainingPlan plan(TrainingStage stage) {
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.MINIMAL, 16, 2);
        return new TrainingPlan(RESNET, CLASSES, stage, input, OptimizerSettings.PAPER, 1);
    }

    /** Images whose colour tells their class. */
    private static PreparedSet images(int count, long seed) {
        SplitMix random = new SplitMix(seed);
        int[] labels = new int[count];
        MemorySegment pixels = Arena.ofAuto().allocate((long) count * SIZE * SIZE * 3);
        for (int i = 0; i < count; i++) {
            labels[i] = i % CLASSES;
            for (int p = 0; p < SIZE * SIZE; p++) {
                for (int c = 0; c < 3; c++) {
                    double value = 90 + 60 * random.nextDouble() + (c == labels[i] ? 60 : 0);
                    pixels.set(ValueLayout.JAVA_BYTE, ((long) i * SIZE * SIZE + p) * 3 + c, (byte) value);
                }
            }
        }
        return PreparedSet.inMemory(new LabelledImages(
                new ImageShape(SIZE, SIZE, 3), pixels, labels, Optional.empty(), List.of("red", "green", "blue")));
    }

    /** Runs a plan in a folder of its own and keeps what the run tells. */
    private final class Recording implements TrainingListener {
        private final StateFolder own;
        private final List<SavedCheckpoint> checkpoints = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        private Path state;
        private int stopAfterEpoch = Integer.MAX_VALUE;
        private int epochs;

        Recording(String name) throws IOException {
            own = StateFolder.at(folder.resolve(name));
        }

        TrainingOutcome run(TrainingPlan plan, TrainingStart start) throws IOException {
            return new TrainingRun(plan, images(40, 1), images(12, 2), own)
                    .run(start, this, () -> epochs >= stopAfterEpoch);
        }

        @Override
        public void onEpoch(EpochLog log, Path file) {
            state = file;
            epochs = log.epoch();
        }

        @Override
        public void onWarning(String warning) {
            warnings.add(warning);
        }

        @Override
        public void onCheckpoint(SavedCheckpoint checkpoint) {
            checkpoints.add(checkpoint);
        }

        Path weights() {
            return checkpoints.getFirst().weights();
        }

        /** Digests of all checkpoint and optimizer files by name. */
        List<String> bytes() throws IOException {
            List<Path> files = new ArrayList<>();
            for (SavedCheckpoint checkpoint : checkpoints) {
                files.add(checkpoint.weights());
                checkpoint.optimizer().ifPresent(files::add);
            }
            files.sort(Comparator.comparing(file -> file.getFileName().toString()));
            List<String> digests = new ArrayList<>();
            for (Path file : files) {
                digests.add(file.getFileName() + " " + org.fissionfusion.core.weights.FileDigest.sha256(file));
                assertThat(Files.size(file)).isPositive();
            }
            return digests;
        }
    }
}
