package org.fissionfusion.vision.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fissionfusion.core.request.Architectures;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkTest {
    private static final Architecture RESNET = Architecture.named("resnet20");

    @TempDir
    Path folder;

    @Test
    void namesAndShapesAreThoseOfThePublishedWeights() throws IOException {
        for (String name : List.of("resnet20", "resnet32")) {
            try (SafetensorsFile file = SafetensorsFile.open(SharedFiles.weights(name + "_cifar10.safetensors"))) {
                List<TensorSpec> ours = Architecture.named(name).tensors(10).stream()
                        .map(ModelTensor::spec)
                        .toList();
                assertThat(ours).containsExactlyInAnyOrderElementsOf(file.tensors());
            }
        }
    }

    @Test
    void logitsOfThePublishedWeightsAreThoseOfANaiveNetwork() throws IOException {
        ModelWeights weights = ModelWeights.read(SharedFiles.weights("resnet20_cifar10.safetensors"), RESNET, 10);
        assertLogits(weights, RESNET, 3, 32);
    }

    @Test
    void logitsOfRandomWeightsAreThoseOfANaiveNetwork() throws IOException {
        Architecture deeper = Architecture.named("resnet32");
        assertLogits(InitialWeights.of(deeper, 10, 5), deeper, 5, 20);
    }

    private static void assertLogits(ModelWeights weights, Architecture architecture, int blocks, int size)
            throws IOException {
        Pixels images = Pixels.random(2, size, 3);
        double[][] expected = new NaiveResNet(weights, blocks, false).logits(images.values());

        float[] logits;
        try (Network network = Network.load(architecture, 10)) {
            network.set(weights);
            logits = network.logits(images.buffer(), 2, size);
        }

        double largest = 0;
        for (double[] row : expected) {
            for (double value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        for (int i = 0; i < logits.length; i++) {
            assertThat((double) logits[i]).isCloseTo(expected[i / 10][i % 10], within(1e-5 * largest));
        }
    }

    @Test
    void aTransformerTellsImagesApart() throws IOException {
        Architecture transformer = Architecture.named("vit-micro");
        try (Network network = Network.load(transformer, 4)) {
            network.set(InitialWeights.of(transformer, 4, 1));
            float[] logits = network.logits(Pixels.random(2, 32, 1).buffer(), 2, 32);

            assertThat(logits).hasSize(8);
            assertThat(logits[0]).isNotEqualTo(logits[4]).isFinite();
        }
        assertThatThrownBy(() -> transformer.requireImageSize(28))
                .hasMessageContaining("28")
                .hasMessageContaining("32");
    }

    @Test
    void aNewHeadIsSeededAndTheBackboneKept() throws IOException {
        Path file = folder.resolve("ten.safetensors");
        ModelWeights ten = InitialWeights.of(RESNET, 10, 1);
        ten.write(file, Map.of());

        ModelWeights three = ModelWeights.readWithHead(file, RESNET, 3, 7);

        assertThat(three.tensor("linear.weight").spec().shape()).containsExactly(3, 64);
        assertThat(three.tensor("conv1.weight")
                        .bytes()
                        .mismatch(ten.tensor("conv1.weight").bytes()))
                .isEqualTo(-1);
        assertThat(ModelWeights.readWithHead(file, RESNET, 3, 7).digest()).isEqualTo(three.digest());
        assertThat(ModelWeights.readWithHead(file, RESNET, 3, 8).digest()).isNotEqualTo(three.digest());
        assertThat(ModelWeights.readWithHead(file, RESNET, 10, 7).digest()).isEqualTo(ten.digest());
        for (long i = 0; i < 3 * 64; i++) {
            float value = three.tensor("linear.weight").bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            assertThat(Math.abs(value)).isLessThanOrEqualTo(0.125f);
        }
    }

    @Test
    void refusesAnotherShapeNamingBothShapes() throws IOException {
        Path file = folder.resolve("ten.safetensors");
        InitialWeights.of(RESNET, 10, 1).write(file, Map.of());

        assertThatThrownBy(() -> ModelWeights.read(file, RESNET, 3))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("linear.weight")
                .hasMessageContaining("[10, 64]")
                .hasMessageContaining("[3, 64]");
        assertThatThrownBy(() -> ModelWeights.readWithHead(file, Architecture.named("resnet32"), 3, 1))
                .hasMessageContaining("layer1.3.conv1.weight")
                .hasMessageContaining("missing");
    }

    @Test
    void refusesNotANumberNamingTheTensor() {
        List<Tensor> tensors = new ArrayList<>(InitialWeights.of(RESNET, 10, 1).tensors());
        tensors.get(1).bytes().setAtIndex(ValueLayout.JAVA_FLOAT, 2, Float.NaN);

        assertThatThrownBy(() -> ModelWeights.of(RESNET, 10, tensors))
                .hasMessageContaining("bn1.weight")
                .hasMessageContaining("NaN at 2");
    }

    @Test
    void existsForEveryNameThatARequestMayHave() {
        assertThat(Architectures.NAMES)
                .allSatisfy(name -> assertThat(Architecture.named(name).name()).isEqualTo(name));
    }

    @Test
    void refusesAnUnknownArchitectureNamingTheKnownOnes() {
        assertThatThrownBy(() -> Architecture.named("resnet21"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("resnet20, resnet32, vit-micro");
    }
}
