package org.fissionfusion.vision.training;

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
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.fissionfusion.vision.model.ModelWeights;
import org.junit.jupiter.api.Test;

/** Statistics estimated anew against torch.optim.swa_utils.update_bn (golden_more.py: batch_norm). */
class BatchNormEstimateTest {
    private static final int SIZE = 16;
    private static final int CLASSES = 5;
    private static final Architecture RESNET = Architecture.named("resnet20", SIZE);
    static final JsonNode GOLDEN = read();

    private static JsonNode read() {
        try (InputStream json = BatchNormEstimateTest.class.getResourceAsStream("more.json")) {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Images of bytes by the formula of golden_more.py. */
    private static PreparedSet images(int count) {
        ImageShape shape = new ImageShape(SIZE, SIZE, 3);
        MemorySegment pixels = Arena.ofAuto().allocate((long) count * shape.bytes());
        for (int i = 0; i < pixels.byteSize(); i++) {
            pixels.set(ValueLayout.JAVA_BYTE, i, (byte) ((i * (int) 2654435761L) >>> 24));
        }
        return PreparedSet.inMemory(
                new LabelledImages(shape, pixels, new int[count], Optional.empty(), List.of("a", "b", "c", "d", "e")));
    }

    private static Optional<ModelWeights> estimated(int images, int batchSize, BooleanSupplier stop)
            throws IOException {
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.HEAVY, batchSize, 2);
        return new BatchNormEstimate(RESNET, CLASSES, input, 1)
                .of(GoldenNumbers.weights(RESNET, CLASSES), images(images), new TrainingListener() {}, stop);
    }

    private static float[] values(ModelWeights weights, String name) {
        Tensor tensor = weights.tensors().stream()
                .filter(each -> each.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
        return tensor.bytes().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    @Test
    void agreesWithPyTorch() throws Exception {
        ModelWeights weights = estimated(6, 6, () -> false).orElseThrow();

        GOLDEN.get("batchNorm").properties().forEach(golden -> {
            float[] actual = values(weights, golden.getKey());
            for (int i = 0; i < actual.length; i++) {
                double wanted = golden.getValue().get(i).asDouble();
                assertThat((double) actual[i]).as(golden.getKey() + " " + i).isCloseTo(wanted, within(2e-5));
            }
        });
    }

    @Test
    void weighsBatchesByTheirImagesAndLeavesASingleImageOut() throws Exception {
        // the batches of the seed are the same in both, up to the last one
        float[] four = values(estimated(6, 4, () -> false).orElseThrow(), "bn1.running_mean");
        float[] whole = values(estimated(6, 6, () -> false).orElseThrow(), "bn1.running_mean");
        float[] five = values(estimated(6, 5, () -> false).orElseThrow(), "bn1.running_mean");

        // the first layer's mean of batches of 4 and 2 images, so weighed, is that of all six
        for (int i = 0; i < whole.length; i++) {
            assertThat(four[i]).isCloseTo(whole[i], within(1e-5f));
        }
        assertThat(five).isNotEqualTo(whole);
    }

    @Test
    void changesNothingButStatisticsAndTheSameWayEveryTime() throws Exception {
        ModelWeights before = GoldenNumbers.weights(RESNET, CLASSES);

        ModelWeights after = estimated(10, 4, () -> false).orElseThrow();

        assertThat(after.digest())
                .isEqualTo(estimated(10, 4, () -> false).orElseThrow().digest());
        for (Tensor tensor : before.tensors()) {
            String name = tensor.spec().name();
            boolean statistic = name.contains("running_");
            assertThat(java.util.Arrays.equals(values(after, name), values(before, name)))
                    .as(name)
                    .isEqualTo(!statistic);
        }
    }

    @Test
    void stopsWhenTold() throws Exception {
        assertThat(estimated(10, 4, () -> true)).isEmpty();
    }

    @Test
    void refusesNetworksWithoutBatchNorm() {
        Architecture transformer = Architecture.named("vit-micro", 32);
        ImageInput input = new ImageInput(32, Normalisation.IMAGENET, Augmentation.NONE, 4, 1);

        assertThatThrownBy(() -> new BatchNormEstimate(transformer, CLASSES, input, 1)
                        .of(
                                GoldenNumbers.weights(transformer, CLASSES),
                                images(6),
                                new TrainingListener() {},
                                () -> false))
                .hasMessageContaining("no BatchNorm");
    }
}
