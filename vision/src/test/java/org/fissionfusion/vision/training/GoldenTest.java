package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.ModelWeights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every architecture against the numbers that PyTorch gives for the same weights and images. */
class GoldenTest {
    private static final double TOLERANCE = 1e-5;
    static final JsonNode GOLDEN = read();

    private static JsonNode read() {
        try (InputStream json = GoldenTest.class.getResourceAsStream("/org/fissionfusion/vision/model/golden.json")) {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everyArchitectureHasGoldenNumbers() {
        Set<String> covered = new HashSet<>();
        GOLDEN.get("networks")
                .forEach(one -> covered.add(one.get("architecture").asText()));

        assertThat(covered).containsExactlyInAnyOrderElementsOf(Architecture.names());
    }

    @TestFactory
    Stream<DynamicTest> agreesWithPyTorch() {
        return GOLDEN.get("networks")
                .valueStream()
                .map(golden ->
                        DynamicTest.dynamicTest(golden.get("architecture").asText(), () -> compare(golden)));
    }

    private static void compare(JsonNode golden) throws IOException {
        int classes = GOLDEN.get("classes").asInt();
        int size = golden.get("imageSize").asInt();
        int batch = golden.get("batch").asInt();
        Architecture architecture =
                Architecture.named(golden.get("architecture").asText(), size);
        assertThat(GoldenNumbers.layout(Stream.concat(
                        architecture.tensors(classes).stream().map(ModelTensor::spec),
                        architecture.counters().stream())))
                .as("names and shapes of the state dictionary")
                .isEqualTo(golden.get("stateDict").asLong());
        ModelWeights weights = GoldenNumbers.weights(architecture, classes);
        ByteBuffer images = GoldenNumbers.images(golden.get("seed").asInt(), batch, size);
        // without momentum the first moment is the gradient
        OptimizerSettings adam = new OptimizerSettings(0.01, 0, 0.999, 1e-8, false);
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(1e-3, 1), Optional.empty());
        ImageInput input = new ImageInput(size, Normalisation.IMAGENET, Augmentation.NONE, batch, 1);
        TrainingPlan plan = new TrainingPlan(architecture, classes, stage, input, adam, 1);
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(weights);
            assertClose("logits", network.network().logits(images, batch, size), golden.get("logits"));
            long[] labels = new long[batch];
            java.util.Arrays.setAll(labels, i -> i % classes);

            double loss = network.step(images, labels, batch, 1e-3);

            assertThat(loss).isCloseTo(golden.get("loss").asDouble(), within(TOLERANCE * loss));
            TrainingState.Learned learned = network.snapshot();
            golden.get("gradients").properties().forEach(one -> assertGradient(learned, one.getKey(), one.getValue()));
            golden.get("running").properties().forEach(one -> {
                double norm = one.getValue().asDouble();
                assertThat(norm(values(learned, one.getKey()))).isCloseTo(norm, within(TOLERANCE * norm));
            });
        }
    }

    private static void assertClose(String what, float[] ours, JsonNode theirs) {
        double largest = theirs.valueStream()
                .mapToDouble(value -> Math.abs(value.asDouble()))
                .max()
                .orElseThrow();
        for (int i = 0; i < ours.length; i++) {
            assertThat((double) ours[i])
                    .as(what + " " + i)
                    .isCloseTo(theirs.get(i).asDouble(), within(TOLERANCE * largest));
        }
    }

    private static void assertGradient(TrainingState.Learned learned, String name, JsonNode golden) {
        double[] gradient = values(learned, "exp_avg." + name);
        double norm = golden.get("norm").asDouble();
        assertThat(norm(gradient)).as(name + " norm").isCloseTo(norm, within(TOLERANCE * norm));
        double largest = golden.get("largest").asDouble();
        for (int i = 0; i < golden.get("at").size(); i++) {
            int at = golden.get("at").get(i).asInt();
            assertThat(gradient[at])
                    .as(name + " " + at)
                    .isCloseTo(golden.get("values").get(i).asDouble(), within(TOLERANCE * largest));
        }
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    private static double[] values(TrainingState.Learned learned, String name) {
        Tensor tensor = Stream.concat(learned.weights().stream(), learned.optimizer().stream())
                .filter(t -> t.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
        double[] values = new double[(int) tensor.spec().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return values;
    }
}
