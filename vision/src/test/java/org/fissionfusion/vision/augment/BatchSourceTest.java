package org.fissionfusion.vision.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.PreparedSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchSourceTest {

    private static PreparedSet set(int count, int side, int channels) {
        ImageShape shape = new ImageShape(side, side, channels);
        MemorySegment pixels = Arena.ofAuto().allocate((long) count * shape.bytes());
        SplittableRandom random = new SplittableRandom(5);
        for (long i = 0; i < pixels.byteSize(); i++) {
            pixels.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(256));
        }
        int[] labels = random.ints(count, 0, 3).toArray();
        return PreparedSet.inMemory(
                new LabelledImages(shape, pixels, labels, Optional.empty(), List.of("a", "b", "c")));
    }

    private static List<Long> sums(BatchSource source) {
        List<Long> sums = new ArrayList<>();
        for (Optional<Batch> next = source.next(); next.isPresent(); next = source.next()) {
            CRC32 crc = new CRC32();
            crc.update(next.get().bytes().duplicate());
            sums.add(crc.getValue());
        }
        return sums;
    }

    @ParameterizedTest
    @EnumSource(Augmentation.class)
    void makesTheSameBytesWhateverTheNumberOfWorkers(Augmentation augmentation) {
        // Given
        PreparedSet set = set(101, 28, 3);
        BatchOptions options = BatchOptions.training(32, Normalisation.IMAGENET, augmentation, 16, 7);

        // When
        List<List<Long>> results = new ArrayList<>();
        for (int workers : new int[] {1, 2, 7}) {
            try (BatchSource source = new BatchSource(set, options.withWorkers(workers))) {
                source.startEpoch(1);
                List<Long> both = new ArrayList<>(sums(source));
                source.startEpoch(2);
                both.addAll(sums(source));
                results.add(both);
            }
        }

        // Then
        assertThat(results.get(0)).hasSize(14).doesNotHaveDuplicates();
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isEqualTo(results.get(0));
    }

    @Test
    void goesOnInTheMiddleOfAnEpoch() {
        // Given
        PreparedSet set = set(40, 28, 1);
        BatchOptions options = BatchOptions.training(28, Normalisation.IMAGENET, Augmentation.HEAVY, 8, 3);
        try (BatchSource source = new BatchSource(set, options)) {
            source.startEpoch(4);
            List<Long> whole = sums(source);

            // When
            source.startEpoch(3);
            source.next();
            source.startEpoch(4, 2);

            // Then
            assertThat(sums(source)).isEqualTo(whole.subList(2, 5));
        }
    }

    @Test
    void handsOutEveryImageOnceInAShuffledEpoch() {
        PreparedSet set = set(33, 8, 3);
        try (BatchSource source =
                new BatchSource(set, BatchOptions.training(8, Normalisation.IMAGENET, Augmentation.MINIMAL, 8, 3))) {
            source.startEpoch(1);
            List<Integer> seen = new ArrayList<>();
            for (Optional<Batch> next = source.next(); next.isPresent(); next = source.next()) {
                Batch batch = next.get();
                for (int i = 0; i < batch.count(); i++) {
                    seen.add(batch.indices()[i]);
                    assertThat(batch.labels()[i]).isEqualTo(set.label(batch.indices()[i]));
                }
                assertThat(batch.floats().limit()).isEqualTo(batch.count() * 3 * 64);
            }
            assertThat(seen).hasSize(33).doesNotHaveDuplicates();
            assertThat(seen.subList(0, 8)).isNotEqualTo(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        }
    }

    @Test
    void drawsEveryClassEquallyOftenWhenBalanced() {
        int[] labels = new int[900];
        Arrays.fill(labels, 0, 30, 2);
        PreparedSet set = PreparedSet.inMemory(new LabelledImages(
                new ImageShape(1, 1, 1),
                MemorySegment.ofArray(new byte[900]),
                labels,
                Optional.empty(),
                List.of("often", "never", "rare")));
        BatchOptions options = BatchOptions.training(1, Normalisation.IMAGENET, Augmentation.NONE, 100, 3)
                .withOrder(BatchOrder.BALANCED);
        try (BatchSource source = new BatchSource(set, options)) {
            int[] counts = new int[3];
            source.startEpoch(1);
            for (Optional<Batch> next = source.next(); next.isPresent(); next = source.next()) {
                Arrays.stream(next.get().labels()).forEach(label -> counts[(int) label]++);
            }
            assertThat(counts[1]).isZero();
            assertThat(counts[0] + counts[2]).isEqualTo(900);
            // five standard deviations of a fair coin
            assertThat(counts[2]).isBetween(375, 525);
        }
    }

    @Test
    void normalisesGreyIntoThreeChannelsForEvaluation() {
        // Given
        LabelledImages images = new LabelledImages(
                new ImageShape(1, 1, 1),
                MemorySegment.ofArray(new byte[] {(byte) 255, 0}),
                new int[] {1, 0},
                Optional.empty(),
                List.of("a", "b"));

        // When
        float[] values = new float[6];
        long[] labels;
        try (BatchSource source =
                new BatchSource(PreparedSet.inMemory(images), BatchOptions.evaluation(1, Normalisation.IMAGENET, 4))) {
            source.startEpoch(0);
            Batch batch = source.next().orElseThrow();
            batch.floats().get(values);
            labels = Arrays.copyOf(batch.labels(), batch.count());
        }

        // Then
        assertThat(labels).containsExactly(1, 0);
        assertThat(values)
                .containsExactly(
                        (1 - 0.485f) / 0.229f,
                        (1 - 0.456f) / 0.224f,
                        (1 - 0.406f) / 0.225f,
                        -0.485f / 0.229f,
                        -0.456f / 0.224f,
                        -0.406f / 0.225f);
    }

    @Test
    void passesAWorkersFailureOn() {
        // Given pixels that are gone
        ImageShape shape = new ImageShape(4, 4, 3);
        LabelledImages images;
        try (Arena arena = Arena.ofShared()) {
            images = new LabelledImages(
                    shape, arena.allocate(20L * shape.bytes()), new int[20], Optional.empty(), List.of("a"));
        }

        // When
        try (BatchSource source =
                new BatchSource(PreparedSet.inMemory(images), BatchOptions.evaluation(4, Normalisation.IMAGENET, 4))) {
            source.startEpoch(1);

            // Then
            assertThatThrownBy(source::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a batch could not be made")
                    .hasRootCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void stopsItsWorkersWhenClosedInTheMiddle() {
        long before = workers();
        try (BatchSource source = new BatchSource(
                set(200, 28, 3),
                BatchOptions.evaluation(28, Normalisation.IMAGENET, 4).withWorkers(3))) {
            source.startEpoch(1);
            source.next();
        }
        assertThat(workers()).isEqualTo(before);
    }

    private static long workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("batches-"))
                .count();
    }
}
