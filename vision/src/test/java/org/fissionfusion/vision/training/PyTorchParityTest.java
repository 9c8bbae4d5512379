package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.SharedFiles;
import org.fissionfusion.vision.model.SplitMix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares with numbers that PyTorch computed; src/test/python/pytorch_fixtures.py made them and tells the formula. */
class PyTorchParityTest {
    private static final double TOLERANCE = 1e-5;
    private static final int CLASSES = 10;
    private static final int SIZE = 32;
    private static final long IMAGES_TENSOR = 1000;
    private static final JsonNode FIXTURE = fixture();

    private static JsonNode fixture() {
        try (InputStream in = PyTorchParityTest.class.getResourceAsStream("pytorch.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One fixture, shown by its names. */
    record Case(JsonNode node) {
        Architecture architecture() {
            return Architecture.named(node.get("architecture").asText());
        }

        ModelWeights weights() throws IOException {
            String weights = node.get("weights").asText();
            return weights.equals("formula")
                    ? filled(architecture())
                    : ModelWeights.read(SharedFiles.weights(weights), architecture(), CLASSES);
        }

        @Override
        public String toString() {
            return node.get("architecture").asText() + " " + node.get("weights").asText();
        }
    }

    static Stream<Case> all() {
        List<Case> cases = new ArrayList<>();
        FIXTURE.get("cases").forEach(node -> cases.add(new Case(node)));
        return cases.stream();
    }

    static Stream<Case> trained() {
        return all().filter(each -> each.node().has("losses"));
    }

    @ParameterizedTest
    @MethodSource("all")
    void logitsAreThoseOfPyTorch(Case given) throws IOException {
        int images = FIXTURE.get("images").asInt();
        float[] logits;
        try (Network network = Network.load(given.architecture(), CLASSES)) {
            network.set(given.weights());
            logits = network.logits(images(images), images, SIZE);
        }

        double[] expected = new double[images * CLASSES];
        Arrays.setAll(
                expected,
                i -> given.node()
                        .get("logits")
                        .get(i / CLASSES)
                        .get(i % CLASSES)
                        .asDouble());
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) logits[i]).isCloseTo(expected[i], within(TOLERANCE * largest));
        }
    }

    @ParameterizedTest
    @MethodSource("trained")
    void lossesGradientsAndWeightsOfAdamWAreThoseOfPyTorch(Case given) throws IOException {
        int images = FIXTURE.get("images").asInt();
        double rate = FIXTURE.get("rate").asDouble();
        JsonNode betas = FIXTURE.get("betas");
        OptimizerSettings adam = new OptimizerSettings(
                FIXTURE.get("weightDecay").asDouble(),
                betas.get(0).asDouble(),
                betas.get(1).asDouble(),
                FIXTURE.get("epsilon").asDouble(),
                false);
        TrainingPlan plan = new TrainingPlan(
                given.architecture(),
                CLASSES,
                new TrainingStage.FineTune(new CosineSchedule(rate, 1), Optional.empty()),
                new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.NONE, images, 1),
                adam,
                1);
        long[] labels = new long[images];
        Arrays.setAll(labels, i -> (3 * i + 1) % CLASSES);

        List<Double> losses = new ArrayList<>();
        TrainingState.Learned first;
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(given.weights());
            losses.add((double) network.step(images(images), labels, images, rate));
            first = network.snapshot();
            for (int step = 1; step < FIXTURE.get("steps").asInt(); step++) {
                losses.add((double) network.step(images(images), labels, images, rate));
            }
        }

        for (int i = 0; i < losses.size(); i++) {
            double expected = given.node().get("losses").get(i).asDouble();
            assertThat(losses.get(i)).isCloseTo(expected, within(TOLERANCE * expected));
        }
        // the first moment of the first step is a known part of the gradient
        double part = 1 - adam.beta1();
        given.node()
                .get("gradients")
                .properties()
                .forEach(tensor -> assertSamples(
                        tensor.getKey(),
                        values(first.optimizer(), "exp_avg." + tensor.getKey()),
                        part,
                        tensor.getValue()));
        given.node()
                .get("trained")
                .properties()
                .forEach(tensor ->
                        assertSamples(tensor.getKey(), values(first.weights(), tensor.getKey()), 1, tensor.getValue()));
    }

    private static void assertSamples(String name, float[] values, double scale, JsonNode expected) {
        double norm = 0;
        for (float value : values) {
            norm += (double) value * value;
        }
        double expectedNorm = expected.get("norm").asDouble();
        assertThat(Math.sqrt(norm) / scale)
                .as("norm of " + name)
                .isCloseTo(expectedNorm, within(TOLERANCE * expectedNorm));
        double tolerance = TOLERANCE * expected.get("largest").asDouble();
        expected.get("at")
                .properties()
                .forEach(at -> assertThat(values[Integer.parseInt(at.getKey())] / scale)
                        .as(name + "[" + at.getKey() + "]")
                        .isCloseTo(at.getValue().asDouble(), within(tolerance)));
    }

    private static float[] values(List<Tensor> tensors, String name) {
        return tensors.stream()
                .filter(tensor -> tensor.spec().name().equals(name))
                .findFirst()
                .orElseThrow()
                .bytes()
                .toArray(ValueLayout.JAVA_FLOAT);
    }

    private static double uniform(long tensor, long element) {
        return (new SplitMix((tensor << 32) + element).nextLong() >>> 40) * 0x1.0p-24;
    }

    private static ByteBuffer images(int count) {
        ByteBuffer pixels =
                ByteBuffer.allocateDirect(Float.BYTES * count * 3 * SIZE * SIZE).order(ByteOrder.nativeOrder());
        for (long i = 0; pixels.hasRemaining(); i++) {
            pixels.putFloat((float) (4 * uniform(IMAGES_TENSOR, i) - 2));
        }
        return pixels.rewind();
    }

    private static ModelWeights filled(Architecture architecture) {
        var byName = architecture.tensorsByName(CLASSES);
        List<Tensor> tensors = new ArrayList<>();
        long number = 0;
        for (String name : new TreeSet<>(byName.keySet())) {
            tensors.add(filled(byName.get(name).spec(), number++));
        }
        return ModelWeights.of(architecture, CLASSES, tensors);
    }

    private static Tensor filled(TensorSpec spec, long number) {
        boolean vector = spec.shape().length == 1;
        boolean positive =
                spec.name().endsWith("running_var") || (vector && spec.name().endsWith(".weight"));
        double bound = Math.sqrt(6.0 * spec.shape()[0] / spec.elements());
        MemorySegment values = Arena.ofAuto().allocate(spec.byteSize(), Float.BYTES);
        for (long i = 0; i < spec.elements(); i++) {
            double u = uniform(number, i);
            double value = positive ? 0.5 + u : vector ? (u - 0.5) / 5 : (2 * u - 1) * bound;
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
        }
        return new Tensor(spec, values);
    }
}
