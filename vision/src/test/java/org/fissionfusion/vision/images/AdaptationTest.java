package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdaptationTest {
    private static final List<String> TRAINED = List.of("none", "mild", "severe");
    private static final Map<String, String> LABELS = Map.of("R0", "none", "R1", "mild", "bad", "ignore");

    /** One pixel each, as bright as its number; classes in turn; two images of a group. */
    private static LabelledImages images(int count, List<String> classes) {
        byte[] pixels = new byte[count];
        for (int i = 0; i < count; i++) {
            pixels[i] = (byte) i;
        }
        return new LabelledImages(
                new ImageShape(1, 1, 1),
                MemorySegment.ofArray(pixels),
                IntStream.range(0, count).map(i -> i / 2 % classes.size()).toArray(),
                Optional.of(IntStream.range(0, count).map(i -> i / 2).toArray()),
                classes);
    }

    private static List<Integer> numbers(LabelledImages images) {
        return IntStream.range(0, images.size())
                .mapToObj(i -> images.pixels().get(ValueLayout.JAVA_BYTE, i) & 0xff)
                .toList();
    }

    private static int label(LabelledImages images, int i) {
        return PreparedSet.inMemory(images).label(i);
    }

    @Test
    void renamesClassesAndLeavesTheIgnoredOut() throws Exception {
        Adaptation adaptation = new Adaptation(LABELS, 1, 0);

        LabelledImages adapted = adaptation.apply("m", images(12, List.of("R1", "bad", "R0")), TRAINED);

        assertThat(numbers(adapted)).containsExactly(0, 1, 4, 5, 6, 7, 10, 11);
        assertThat(label(adapted, 0)).isEqualTo(1);
        assertThat(label(adapted, 2)).isZero();
        assertThat(adapted.classNames()).isEqualTo(TRAINED);
        assertThat(adaptation.sharedClasses(TRAINED)).containsExactly(0, 1);
        assertThat(Adaptation.NONE.sharedClasses(TRAINED)).isEmpty();
    }

    @Test
    void everyClassMustBeSpokenOfAndExist() {
        assertThatThrownBy(() -> new Adaptation(LABELS, 1, 0).apply("m", images(6, List.of("R0", "R1")), TRAINED))
                .hasMessageContaining("m: labels: it has no class 'bad'");
        assertThatThrownBy(() ->
                        new Adaptation(LABELS, 1, 0).apply("m", images(8, List.of("R0", "R1", "bad", "R2")), TRAINED))
                .hasMessageContaining("says nothing of its class 'R2'");
        assertThatThrownBy(
                        () -> new Adaptation(Map.of("R0", "grave"), 1, 0).apply("m", images(8, List.of("R0")), TRAINED))
                .hasMessageContaining("'grave' is no class of the domain trained on");
    }

    @Test
    void samplesTheSameImagesForTheSameSeed() throws Exception {
        LabelledImages all = images(200, TRAINED);

        List<Integer> sample = numbers(new Adaptation(Map.of(), 0.1, 4).apply("m", all, TRAINED));

        assertThat(sample).hasSize(20).isSorted().doesNotHaveDuplicates();
        assertThat(numbers(new Adaptation(Map.of(), 0.1, 4).apply("m", all, TRAINED)))
                .isEqualTo(sample);
        assertThat(numbers(new Adaptation(Map.of(), 0.1, 5).apply("m", all, TRAINED)))
                .isNotEqualTo(sample);
    }

    @Test
    void dividesValidationByGroupAndClass() throws Exception {
        LabelledImages all = images(120, TRAINED);

        ValidationDivision.Parts parts = ValidationDivision.divide(all, 0.4, 3);

        assertThat(parts.stopping().classCounts()).containsExactly(16, 16, 16);
        assertThat(parts.selection().classCounts()).containsExactly(24, 24, 24);
        Set<Integer> images = new HashSet<>(numbers(parts.stopping()));
        assertThat(images).doesNotContainAnyElementsOf(numbers(parts.selection()));
        numbers(parts.stopping()).forEach(i -> assertThat(images).contains(i ^ 1));
        assertThat(numbers(ValidationDivision.divide(all, 0.4, 3).stopping())).isEqualTo(numbers(parts.stopping()));
        assertThat(numbers(ValidationDivision.divide(all, 0.4, 2).stopping())).isNotEqualTo(numbers(parts.stopping()));
        assertThatThrownBy(() -> ValidationDivision.divide(images(2, TRAINED), 0.4, 3))
                .hasMessageContaining("leaves one part of validation empty");
    }
}
