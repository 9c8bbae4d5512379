package org.fissionfusion.vision.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.SplitMix;
import org.junit.jupiter.api.Test;

class ScoringModelTest {
    private static final Architecture RESNET = Architecture.named("resnet20");
    private static final ModelWeights WEIGHTS = InitialWeights.of(RESNET, 3, 1);

    @Test
    void workersAndKeptImagesChangeNoBit() throws IOException {
        PreparedSet set = images(50);
        double[] expected;
        try (ScoringModel model = new ScoringModel(RESNET, 3, 1)) {
            model.load(WEIGHTS);
            expected = model.predict(set, 16, Normalisation.IMAGENET, 8).probabilities();
        }
        try (ScoringModel model = new ScoringModel(RESNET, 3, 3);
                EvaluationImages kept = new EvaluationImages(set, 16, Normalisation.IMAGENET, 8, 1 << 20)) {
            model.load(InitialWeights.of(RESNET, 3, 2));
            assertThat(model.predict(kept).probabilities()).isNotEqualTo(expected);
            model.load(WEIGHTS);
            for (int i = 0; i < 3; i++) {
                assertThat(model.predict(kept).probabilities()).isEqualTo(expected);
            }
            assertThat(model.predict(set, 16, Normalisation.IMAGENET, 8).probabilities())
                    .isEqualTo(expected);
        }
    }

    @Test
    void largeImagesAreScoredFewAtATime() {
        assertThat(List.of(28, 112, 224, 512, 1024))
                .extracting(ScoringModel::batch)
                .containsExactly(128, 128, 32, 6, 1);
    }

    @Test
    void probabilitiesOfAnImageAddUpToOneInStoredOrder() throws IOException {
        try (ScoringModel model = new ScoringModel(RESNET, 3, 2)) {
            model.load(WEIGHTS);
            Predictions predictions = model.predict(images(13), 16, Normalisation.IMAGENET, 4);

            assertThat(predictions.images()).isEqualTo(13);
            for (int i = 0; i < 13; i++) {
                double sum = 0;
                for (int c = 0; c < 3; c++) {
                    sum += predictions.probabilities()[i * 3 + c];
                }
                assertThat(sum).isCloseTo(1, within(1e-12));
                assertThat(predictions.labels()[i]).isEqualTo(i % 3);
            }
        }
    }

    @Test
    void takesBytesByNameAndRefusesWhatIsMissing() throws IOException {
        Map<String, MemorySegment> bytes = new HashMap<>();
        for (Tensor tensor : WEIGHTS.tensors()) {
            bytes.put(tensor.spec().name(), tensor.bytes());
        }
        try (ScoringModel model = new ScoringModel(RESNET, 3, 1)) {
            model.load(WEIGHTS);
            double[] expected =
                    model.predict(images(5), 16, Normalisation.IMAGENET, 4).probabilities();
            model.load(bytes);
            assertThat(model.predict(images(5), 16, Normalisation.IMAGENET, 4).probabilities())
                    .isEqualTo(expected);
            bytes.remove("bn1.weight");
            assertThatThrownBy(() -> model.load(bytes)).hasMessageContaining("bn1.weight");
        }
    }

    private static PreparedSet images(int count) {
        SplitMix random = new SplitMix(3);
        int[] labels = new int[count];
        MemorySegment pixels = Arena.ofAuto().allocate(count * 16L * 16);
        for (long i = 0; i < pixels.byteSize(); i++) {
            pixels.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextLong());
        }
        java.util.Arrays.setAll(labels, i -> i % 3);
        return PreparedSet.inMemory(new LabelledImages(
                new ImageShape(16, 16, 1), pixels, labels, Optional.empty(), List.of("a", "b", "c")));
    }
}
