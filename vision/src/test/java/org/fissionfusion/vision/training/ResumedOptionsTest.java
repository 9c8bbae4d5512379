package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;
import org.fissionfusion.vision.model.SplitMix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interrupted runs with options on, which have more state than the paper's, end with the bytes of whole ones. */
class ResumedOptionsTest {
    private static final int SIZE = 32;
    private static final List<String> NAMES = List.of("red", "green", "blue");
    private static final OptionalDouble NONE = OptionalDouble.empty();

    @TempDir
    private Path folder;

    private static Refinements dropping(int parts) {
        return new Refinements(
                new Computation(Precision.FP32, MemoryFormat.CONTIGUOUS, 0.3, 0.4),
                Refinements.Objective.PAPER,
                OptionalDouble.of(1),
                parts,
                OptionalDouble.of(0.9),
                1,
                false);
    }

    private static Refinements findings() {
        FindingsPolicy policy = new FindingsPolicy(FindingsPolicy.Uncertain.ONES, FindingsPolicy.Blank.IGNORE);
        return new Refinements(
                Computation.PAPER,
                new Refinements.Objective(0, false, 0, Optional.of(policy)),
                NONE,
                1,
                NONE,
                1,
                false);
    }

    private static TrainingPlan plan(String architecture, Refinements refinements, int epochs) {
        return plan(Architecture.named(architecture, SIZE), refinements, epochs);
    }

    private static TrainingPlan plan(Architecture architecture, Refinements refinements, int epochs) {
        return new TrainingPlan(
                architecture,
                NAMES.size(),
                new TrainingStage.FineTune(new CosineSchedule(2e-3, epochs), Optional.empty()),
                new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.MINIMAL, 16, 2),
                OptimizerSettings.PAPER,
                1,
                refinements);
    }

    private static Path resource(String name) {
        return Path.of(
                URI.create(GoldenNumbers.class.getResource(name).toString().replace("file:/", "file:///")));
    }

    /** A script with Dropout, whose weights lie where a run looks for them. */
    private Architecture drawing() throws IOException {
        Architecture script = Architecture.scripted(resource("drawing.pt"), "drawing", SIZE, NAMES.size());
        Files.copy(resource("drawing.safetensors"), folder.resolve(script.name() + ".safetensors"));
        return script;
    }

    /** An image may be of several colours; a few are uncertain or not mentioned. */
    private static PreparedSet coloured(int count, long seed) {
        SplitMix random = new SplitMix(seed);
        byte[] values = new byte[count * 3];
        MemorySegment pixels = Arena.ofAuto().allocate((long) count * SIZE * SIZE * 3);
        for (int i = 0; i < count; i++) {
            boolean[] shown = new boolean[3];
            for (int c = 0; c < 3; c++) {
                shown[c] = random.nextDouble() < 0.4;
                double report = random.nextDouble();
                values[3 * i + c] = report < 0.1
                        ? Labels.Findings.BLANK
                        : shown[c]
                                ? report < 0.2 ? Labels.Findings.UNCERTAIN : Labels.Findings.PRESENT
                                : Labels.Findings.ABSENT;
            }
            for (int p = 0; p < SIZE * SIZE * 3; p++) {
                double value = 90 + 60 * random.nextDouble() + (shown[p % 3] ? 60 : 0);
                pixels.set(ValueLayout.JAVA_BYTE, (long) i * SIZE * SIZE * 3 + p, (byte) value);
            }
        }
        return PreparedSet.inMemory(new LabelledImages(
                new ImageShape(SIZE, SIZE, 3),
                pixels,
                new Labels.Findings(values, NAMES),
                Optional.empty(),
                List.of()));
    }

    private static PreparedSet ofOneColour(int count, long seed) {
        LabelledImages coloured = coloured(count, seed).images();
        int[] classes = new int[count];
        for (int i = 0; i < count; i++) {
            classes[i] = i % 3;
        }
        return PreparedSet.inMemory(
                new LabelledImages(coloured.shape(), coloured.pixels(), classes, Optional.empty(), NAMES));
    }

    private final class Run implements TrainingListener {
        private final Path own;
        private final int stopAfter;
        private final List<String> digests = new ArrayList<>();
        private int epochs;
        private Path state;

        private Run(String name, int stopAfter) {
            this.own = folder.resolve(name);
            this.stopAfter = stopAfter;
        }

        private TrainingOutcome of(TrainingPlan plan, Optional<Path> resumed) throws IOException {
            Path weights = folder.resolve(plan.architecture().name() + ".safetensors");
            if (!weights.toFile().exists()) {
                InitialWeights.of(plan.architecture(), 10, 3).write(weights, Map.of());
            }
            boolean multilabel = plan.refinements().objective().findings().isPresent();
            TrainingStart start = TrainingStart.from(weights);
            return new TrainingRun(
                            plan,
                            multilabel ? coloured(48, 1) : ofOneColour(48, 1),
                            multilabel ? coloured(30, 2) : ofOneColour(30, 2),
                            StateFolder.at(own))
                    .run(resumed.map(start::resuming).orElse(start), this, () -> epochs >= stopAfter);
        }

        @Override
        public void onEpoch(EpochLog log, Path file) {
            epochs = log.epoch();
            state = file;
        }

        @Override
        public void onCheckpoint(SavedCheckpoint checkpoint) throws IOException {
            digests.add(FileDigest.sha256(checkpoint.weights()));
            digests.add(FileDigest.sha256(checkpoint.optimizer().orElseThrow()));
        }
    }

    private void requireSameBytesWhenResumed(TrainingPlan plan) throws IOException {
        Run whole = new Run("whole", Integer.MAX_VALUE);
        whole.of(plan, Optional.empty());
        for (int epoch = 1; epoch < plan.stage().epochs(); epoch++) {
            Run first = new Run("first" + epoch, epoch);
            assertThat(first.of(plan, Optional.empty())).isEqualTo(new TrainingOutcome.Interrupted(epoch));
            Run second = new Run("second" + epoch, Integer.MAX_VALUE);
            second.of(plan, Optional.of(first.state));

            assertThat(second.digests).as("epoch %d", epoch).isNotEmpty().isEqualTo(whole.digests);
        }
    }

    @Test
    void withDropoutStochasticDepthAndAMovingAverage() throws IOException {
        requireSameBytesWhenResumed(plan("resnet20", dropping(1), 3));
    }

    @Test
    void withATransformerInPartsToo() throws IOException {
        requireSameBytesWhenResumed(plan("vit-micro", dropping(2), 3));
    }

    @Test
    void withFindings() throws IOException {
        requireSameBytesWhenResumed(plan("resnet20", findings(), 3));
    }

    @Test
    void withAScriptThatDraws() throws IOException {
        requireSameBytesWhenResumed(plan(drawing(), Refinements.PAPER, 3));
    }

    @Test
    void aScriptDrawsTheSameBesideOtherTrainers() throws Exception {
        TrainingPlan plan = plan(drawing(), Refinements.PAPER, 50);
        Run alone = new Run("alone", Integer.MAX_VALUE);
        alone.of(plan, Optional.empty());
        List<Callable<List<String>>> trainers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Run beside = new Run("beside" + i, Integer.MAX_VALUE);
            trainers.add(() -> {
                beside.of(plan, Optional.empty());
                return beside.digests;
            });
        }

        try (ExecutorService threads = Executors.newFixedThreadPool(trainers.size())) {
            for (Future<List<String>> digests : threads.invokeAll(trainers)) {
                assertThat(digests.get()).isEqualTo(alone.digests);
            }
        }
    }

    @Test
    void withAScriptOfFindings() throws IOException {
        requireSameBytesWhenResumed(plan(drawing(), findings(), 3));
    }

    @Test
    void whatIsDroppedIsPartOfTheBytes() throws IOException {
        Run dropping = new Run("dropping", Integer.MAX_VALUE);
        dropping.of(plan("resnet20", dropping(1), 2), Optional.empty());
        Run plain = new Run("plain", Integer.MAX_VALUE);
        plain.of(plan("resnet20", Refinements.PAPER, 2), Optional.empty());

        assertThat(dropping.digests).isNotEqualTo(plain.digests);
    }

    @Test
    void learnsFindings() throws IOException {
        Run run = new Run("learning", Integer.MAX_VALUE);

        var outcome = (TrainingOutcome.Completed) run.of(plan("resnet20", findings(), 12), Optional.empty());

        assertThat(outcome.log().getLast().trainLoss())
                .isLessThan(outcome.log().getFirst().trainLoss() * 0.8);
        assertThat(outcome.log().getLast().validationAccuracy()).isGreaterThan(0.6);
    }

    @Test
    void refusesASetOfTheOtherKind() {
        TrainingPlan plan = plan("resnet20", findings(), 1);

        assertThatThrownBy(() ->
                        new TrainingRun(plan, ofOneColour(10, 1), coloured(10, 2), StateFolder.at(folder.resolve("x"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("training set is Classes; allowed is one of 3 findings");
    }
}
