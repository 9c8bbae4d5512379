package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Three steps with each option against PyTorch's (golden.py: options), and what options must never do. */
class OptionsTest {
    private static final int CLASSES = 5;
    private static final int BATCH = 6;
    private static final long[] LABELS = {0, 1, 2, 3, 4, 0};
    private static final ClassBalance BALANCE = new ClassBalance(new int[] {10, 3, 1, 4, 2});
    private static final OptimizerSettings ADAM = new OptimizerSettings(0.01, 0.9, 0.999, 1e-2, false);
    private static final OptionalDouble NONE = OptionalDouble.empty();

    private static Refinements objective(double smoothing, boolean weighted, double adjustment) {
        return new Refinements(
                Computation.PAPER, new Refinements.Objective(smoothing, weighted, adjustment), NONE, 1, NONE, 1, false);
    }

    private static Refinements computing(Computation computation) {
        return new Refinements(computation, Refinements.Objective.PAPER, NONE, 1, NONE, 1, false);
    }

    private static Refinements updating(OptionalDouble clip, int parts, OptionalDouble average, double layerDecay) {
        return new Refinements(Computation.PAPER, Refinements.Objective.PAPER, clip, parts, average, layerDecay, false);
    }

    private static Refinements refinements(String option) {
        return switch (option) {
            case "none" -> Refinements.PAPER;
            case "labelSmoothing" -> objective(0.1, false, 0);
            case "classWeighted" -> objective(0, true, 0);
            case "logitAdjustment" -> objective(0, false, 0.7);
            case "weightedAndSmoothed" -> objective(0.1, true, 0);
            case "gradientClip" -> updating(OptionalDouble.of(0.5), 1, NONE, 1);
            case "accumulate" -> updating(NONE, 3, NONE, 1);
            case "averageDecay" -> updating(NONE, 1, OptionalDouble.of(0.9), 1);
            case "layerDecay" -> updating(NONE, 1, NONE, 0.7);
            case "drop" -> computing(new Computation(Precision.FP32, MemoryFormat.CONTIGUOUS, 0.6, 0.4));
            default -> throw new IllegalArgumentException(option);
        };
    }

    private record Trained(List<Double> losses, TrainingState.Learned served, TrainingState.Learned state) {
        double[] values(String name) {
            Tensor tensor = served.weights().stream()
                    .filter(t -> t.spec().name().equals(name))
                    .findFirst()
                    .orElseThrow();
            double[] values = new double[(int) tensor.spec().elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
            return values;
        }

        String digest() {
            return WeightsDigest.of(Stream.concat(state.weights().stream(), state.optimizer().stream())
                    .toList());
        }
    }

    private static Trained train(String architecture, int size, Refinements refinements, int steps) throws IOException {
        Architecture known = Architecture.named(architecture, size);
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(1e-2, 1), Optional.empty());
        ImageInput input = new ImageInput(size, Normalisation.IMAGENET, Augmentation.NONE, BATCH, 1);
        TrainingPlan plan = new TrainingPlan(known, CLASSES, stage, input, ADAM, 1, refinements);
        ByteBuffer images = GoldenNumbers.images(BATCH, size);
        try (TrainedNetwork network = TrainedNetwork.load(plan, BALANCE)) {
            network.setWeights(GoldenNumbers.weights(known, CLASSES));
            List<Double> losses = new ArrayList<>();
            for (int i = 0; i < steps; i++) {
                losses.add((double) network.step(images, LABELS, BATCH, 1e-2, 5));
            }
            TrainingState.Learned state = network.snapshot();
            return new Trained(losses, network.served(state), state);
        }
    }

    @TestFactory
    Stream<DynamicTest> agreesWithPyTorch() {
        return GoldenTest.GOLDEN
                .get("options")
                .valueStream()
                .map(golden -> DynamicTest.dynamicTest(golden.get("option").asText(), () -> compare(golden)));
    }

    private static void compare(JsonNode golden) throws IOException {
        String architecture = golden.get("architecture").asText();
        int size = golden.get("imageSize").asInt();
        Trained trained =
                train(architecture, size, refinements(golden.get("option").asText()), 3);

        for (int i = 0; i < 3; i++) {
            double loss = golden.get("losses").get(i).asDouble();
            assertThat(trained.losses().get(i)).as("loss " + i).isCloseTo(loss, within(1e-4 * loss));
        }
        Trained start = train(architecture, size, Refinements.PAPER, 0);
        golden.get("moved").properties().forEach(one -> {
            double[] before = start.values(one.getKey());
            double[] after = trained.values(one.getKey());
            JsonNode moved = one.getValue();
            for (int i = 0; i < moved.get("at").size(); i++) {
                int at = moved.get("at").get(i).asInt();
                assertThat(after[at] - before[at])
                        .as(one.getKey() + " " + at)
                        .isCloseTo(
                                moved.get("values").get(i).asDouble(),
                                within(2e-3 * moved.get("largest").asDouble()));
            }
        });
    }

    @Test
    void theSameStepsGiveTheSameBitsWhateverIsDropped() throws IOException {
        Refinements dropping = refinements("drop");
        String once = train("vit-micro", 32, dropping, 2).digest();

        assertThat(train("vit-micro", 32, dropping, 2).digest()).isEqualTo(once);
        assertThat(train("vit-micro", 32, Refinements.PAPER, 2).digest()).isNotEqualTo(once);
    }

    @Test
    void bfloat16StaysNearFloat32AndKeepsFloat32Masters() throws IOException {
        Computation narrow = new Computation(Precision.BF16, MemoryFormat.CONTIGUOUS, 0, 0);
        for (String architecture : List.of("vit-micro", "resnet20", "resnet18", "resnet50")) {
            Trained wide = train(architecture, 32, Refinements.PAPER, 2);
            Trained trained = train(architecture, 32, computing(narrow), 2);

            assertThat(trained.losses().getFirst())
                    .isCloseTo(
                            wide.losses().getFirst(),
                            within(0.05 * wide.losses().getFirst()))
                    .isNotEqualTo(wide.losses().getFirst());
            assertThat(trained.state().weights().stream().map(Tensor::spec))
                    .containsExactlyElementsOf(
                            wide.state().weights().stream().map(Tensor::spec).toList());
        }
    }

    @Test
    void channelsLastChangesOnlyTheLayout() throws IOException {
        Computation layout = new Computation(Precision.FP32, MemoryFormat.CHANNELS_LAST, 0, 0);
        Trained wanted = train("resnet20", 16, Refinements.PAPER, 2);
        Trained trained = train("resnet20", 16, computing(layout), 2);

        for (int i = 0; i < 2; i++) {
            double loss = wanted.losses().get(i);
            assertThat(trained.losses().get(i)).isCloseTo(loss, within(1e-4 * loss));
        }
        double[] expected = wanted.values("conv1.weight");
        double[] actual = trained.values("conv1.weight");
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-4));
        }
    }
}
