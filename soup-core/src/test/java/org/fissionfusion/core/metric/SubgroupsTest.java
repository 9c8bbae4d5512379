package org.fissionfusion.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SubgroupsTest {
    private static final BootstrapSpec BOOTSTRAP = new BootstrapSpec(200, 3);

    /** Right on the first 40 images and every second of the others. */
    private static Predictions eighty() {
        double[] probabilities = new double[160];
        int[] labels = new int[80];
        for (int i = 0; i < 80; i++) {
            labels[i] = i / 2 % 2;
            boolean right = i < 40 || i % 2 == 0;
            int said = right ? labels[i] : 1 - labels[i];
            probabilities[2 * i + said] = 0.8;
            probabilities[2 * i + 1 - said] = 0.2;
        }
        return Predictions.ungrouped(2, probabilities, labels);
    }

    @Test
    void scoresEveryPartWithItsIntervalAndSize() {
        // Given
        int[] sex = new int[80];
        java.util.Arrays.fill(sex, 40, 80, 2);

        // When
        List<Subgroups.Part> parts =
                Subgroups.score(eighty(), List.of("female", "nobody", "male"), sex, Metric.ACCURACY, BOOTSTRAP);

        // Then
        assertThat(parts).extracting(Subgroups.Part::level).containsExactly("female", "male");
        assertThat(parts.getFirst().score()).contains(new Interval(1, 1, 1));
        Interval male = parts.getLast().score().orElseThrow();
        assertThat(male.value()).isEqualTo(0.5);
        assertThat(male.low()).isBetween(0.25, 0.49);
        assertThat(male.high()).isBetween(0.51, 0.75);
    }

    @Test
    void saysWhenAPartHasTooFewImages() {
        // Given
        int[] site = new int[80];
        java.util.Arrays.fill(site, 0, 29, 1);

        // When
        List<Subgroups.Part> parts = Subgroups.score(eighty(), List.of("a", "b"), site, Metric.ACCURACY, BOOTSTRAP);

        // Then
        assertThat(parts.get(0).tooFew()).isFalse();
        assertThat(parts.get(1).tooFew()).isTrue();
        assertThat(parts.get(1).images()).isEqualTo(29);
        assertThat(parts.get(1).score()).isEmpty();
    }

    @Test
    void refusesValuesOfOtherImages() {
        assertThatThrownBy(() -> Subgroups.score(eighty(), List.of("a"), new int[3], Metric.ACCURACY, BOOTSTRAP))
                .hasMessageContaining("3 values given where 80 belong");
    }
}
