package org.fissionfusion.vision.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionEmbeddingsTest {
    @TempDir
    Path folder;

    private static TensorSpec spec(int side, int width) {
        return new TensorSpec(PositionEmbeddings.NAME, DType.F32, new long[] {1, side * side + 1, width});
    }

    @Test
    void interpolatesAsTimmDoes() throws IOException {
        JsonNode golden;
        try (InputStream json = getClass().getResourceAsStream("golden.json")) {
            golden = new ObjectMapper().readTree(json);
        }
        for (JsonNode one : golden.get("positions")) {
            int width = one.get("width").asInt();
            TensorSpec wanted = spec(one.get("to").asInt(), width);

            Tensor resized = PositionEmbeddings.resized(
                    GoldenNumbers.filled(spec(one.get("from").asInt(), width)), wanted);

            assertThat(resized.spec()).isEqualTo(wanted);
            for (int i = 0; i < wanted.elements(); i++) {
                assertThat((double) resized.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i))
                        .isCloseTo(one.get("values").get(i).asDouble(), within(1e-6));
            }
        }
    }

    /** Grey levels of a made-up picture in the place of embeddings: the filter is Pillow's bicubic one. */
    @Test
    void interpolatesAsPillowsBicubicResizeDoes() throws IOException {
        try (InputStream in = getClass().getResourceAsStream("bicubic.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] words = line.split(" ", -1);
                int from = Integer.parseInt(words[1]);
                TensorSpec wanted = spec(Integer.parseInt(words[2]), 1);

                Tensor resized = PositionEmbeddings.resized(grey(from), wanted);

                assertThat(words).hasSize(2 + (int) wanted.elements());
                for (int i = 1; i < wanted.elements(); i++) {
                    assertThat((double) resized.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .as("%d to %s, pixel %d", from, words[2], i - 1)
                            .isCloseTo(Double.parseDouble(words[2 + i]), within(1e-3));
                }
            }
        }
    }

    private static Tensor grey(int side) {
        TensorSpec given = spec(side, 1);
        MemorySegment bytes = Arena.ofAuto().allocate(given.byteSize(), Float.BYTES);
        for (int y = 0, i = 1; y < side; y++) {
            for (int x = 0; x < side; x++, i++) {
                bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (x * 37 + y * 59 + x * y * 7) % 211 + 20);
            }
        }
        return new Tensor(given, bytes);
    }

    @Test
    void fitsAPretrainedModelToAnotherImageSizeButNeverACheckpoint() throws IOException {
        Path file = folder.resolve("at224.safetensors");
        InitialWeights.of(Architecture.named("deit_tiny_patch16_224"), 3, 1).write(file, Map.of());
        Architecture smaller = Architecture.named("deit_tiny_patch16_224", 96);

        ModelWeights fitted = ModelWeights.readWithHead(file, smaller, 3, 1);

        assertThat(fitted.tensor("pos_embed").spec().shape()).containsExactly(1, 37, 192);
        assertThatThrownBy(() -> ModelWeights.read(file, smaller, 3))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("pos_embed")
                .hasMessageContaining("[1, 197, 192]")
                .hasMessageContaining("[1, 37, 192]");
    }

    @Test
    void refusesSizesThatPatchesDoNotTile() {
        assertThatThrownBy(() -> Architecture.named("deit_tiny_patch16_224", 100))
                .hasMessageContaining("100")
                .hasMessageContaining("multiples of 16");
        assertThatThrownBy(() -> Architecture.named("resnet50", 16)).hasMessageContaining("32 or more");
        assertThatThrownBy(() -> Architecture.named("deit_tiny_patch16_224").requireImageSize(96))
                .hasMessageContaining("for 224");
    }
}
