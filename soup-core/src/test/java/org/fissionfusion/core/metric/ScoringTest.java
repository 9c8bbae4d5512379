package org.fissionfusion.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Expected numbers of the fixtures were computed with scikit-learn 1.9.1 on the same twentieths. */
class ScoringTest {

    private static final BootstrapSpec NONE = new BootstrapSpec(0, 1);
    private static final int[] FOUR = {
        0, 0, 12, 8, 0, 0, 11, 9, 8, 2, 10, 0, 0, 5, 4, 11, 2, 6, 11, 1, 0, 2, 4, 14, 2, 4, 1, 13, 9, 2, 4, 5, 7, 11, 0,
        2, 0, 16, 1, 3, 2, 10, 5, 3, 1, 3, 2, 14, 0, 6, 4, 10, 12, 2, 5, 1, 1, 10, 7, 2, 3, 0, 5, 12, 11, 9, 0, 0, 7, 0,
        1, 12, 13, 1, 6, 0, 8, 12, 0, 0, 3, 3, 4, 10, 4, 15, 1, 0, 11, 7, 0, 2, 1, 14, 5, 0
    };
    private static final int[] FOUR_LABELS = {3, 2, 2, 3, 2, 3, 3, 0, 0, 1, 1, 3, 3, 0, 1, 3, 0, 3, 0, 1, 3, 1, 1, 1};

    @Test
    void agreesWithScikitLearnOnFourClasses() {
        Scorecard card = Scoring.score(of(4, FOUR, FOUR_LABELS), NONE);

        assertThat(card.confusion()).containsExactly(4L, 1L, 0L, 0L, 1L, 6L, 0L, 0L, 0L, 0L, 3L, 0L, 0L, 0L, 1L, 8L);
        requireValues(
                card,
                0.875,
                0.8638655462184874,
                0.8865079365079365,
                0.9538461538461538,
                0.9646821301620063,
                0.5898852235726063,
                0.2833333333333334,
                0.33145833333333335);
        assertThat(card.support()).containsExactly(5L, 7L, 3L, 9L);
        assertThat(card.perClassRecall().getFirst()).isEqualTo(0.8);
        assertThat(card.classesWithoutAuroc()).isEmpty();
        assertThat(card.images()).isEqualTo(24);
    }

    @Test
    void leavesOutAClassThatIsAbsentFromTheTruth() {
        int[] twentieths = {
            6, 2, 11, 1, 2, 0, 7, 11, 14, 2, 4, 0, 2, 0, 7, 11, 1, 5, 2, 12, 9, 7, 4, 0, 5, 0, 15, 0, 3, 2, 13, 2, 14,
            5, 1, 0, 1, 1, 11, 7, 0, 3, 10, 7, 0, 2, 4, 14, 2, 10, 0, 8, 0, 0, 0, 20, 1, 1, 11, 7, 9, 3, 0, 8, 14, 2, 0,
            4, 2, 2, 4, 12
        };
        int[] labels = {2, 2, 0, 2, 3, 0, 2, 2, 0, 2, 3, 3, 3, 3, 2, 0, 0, 3};

        Scorecard card = Scoring.score(of(4, twentieths, labels), NONE);

        requireValues(
                card,
                0.7777777777777778,
                0.8119658119658119,
                0.7936507936507936,
                0.8621444201312911,
                0.9612493987493987,
                0.5901721951057634,
                0.275,
                0.33444444444444443);
        assertThat(card.classesWithoutAuroc()).containsExactly(1);
        assertThat(card.perClassRecall().get(1)).isZero();
    }

    @Test
    void scoresTwoClassesByTheProbabilityOfClassOne() {
        int[] twentieths = {
            17, 3, 16, 4, 12, 8, 8, 12, 6, 14, 19, 1, 20, 0, 13, 7, 12, 8, 0, 20, 3, 17, 16, 4, 8, 12, 6, 14, 11, 9, 9,
            11, 17, 3, 5, 15, 19, 1, 12, 8
        };
        int[] labels = {0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0};

        Scorecard card = Scoring.score(of(2, twentieths, labels), NONE);

        requireValues(
                card,
                0.8,
                0.797979797979798,
                0.8,
                0.6,
                0.94,
                0.3821946592049215,
                0.12749999999999997,
                0.24225000000000002);
    }

    @Test
    void countsTiedScoresHalf() {
        // P(1) of negatives .2 .5 and positives .5 .7: of four pairs three are won and one is tied
        double[] probabilities = {.8, .2, .5, .5, .5, .5, .3, .7};
        Scorecard card = Scoring.score(Predictions.ungrouped(2, probabilities, new int[] {0, 0, 1, 1}), NONE);
        assertThat(card.metrics().get(Metric.AUROC).value()).isEqualTo(3.5 / 4);
        // a tie is predicted as the first class: 3 of 4 are right
        assertThat(card.metrics().get(Metric.ACCURACY).value()).isEqualTo(0.75);
    }

    @Test
    void clipsTheLogLossButNotTheTieBreakingLoss() {
        Scorecard card = Scoring.score(Predictions.ungrouped(2, new double[] {1, 0}, new int[] {1}), NONE);
        assertThat(card.metrics().get(Metric.LOG_LOSS).value()).isCloseTo(-Math.log(Math.ulp(1.0)), within(1e-12));
        assertThat(card.loss()).isFinite().isGreaterThan(700);
    }

    @Test
    void leavesOutWhatIsUndefined() {
        Scorecard card = Scoring.score(Predictions.ungrouped(2, new double[] {.9, .1, .8, .2}, new int[] {0, 0}), NONE);
        assertThat(card.metrics())
                .containsOnlyKeys(
                        Metric.ACCURACY,
                        Metric.MACRO_F1,
                        Metric.MACRO_RECALL,
                        Metric.LOG_LOSS,
                        Metric.ECE,
                        Metric.BRIER);
        assertThat(card.classesWithoutAuroc()).containsExactly(1);
    }

    @Test
    void definesNothingForProbabilitiesThatAreNoNumbers() {
        float[] logits = {1, 2, Float.NaN, 0};
        Predictions predictions = Predictions.ofLogits(2, logits, new int[] {0, 1}, new int[] {0, 1});
        Scorecard card = Scoring.score(predictions, new BootstrapSpec(10, 1));
        assertThat(card.metrics()).isEmpty();
        assertThat(card.loss()).isNaN();
        assertThat(card.support()).containsExactly(1L, 1L);

        double[] infinite = {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY};
        assertThat(Scoring.score(Predictions.ungrouped(2, infinite, new int[] {1}), NONE)
                        .metrics())
                .isEmpty();
    }

    @Test
    void softmaxStandsLargeLogits() {
        Predictions predictions = Predictions.ofLogits(
                2, new float[] {3e38f, -3e38f, 0, (float) Math.log(3)}, new int[] {0, 1}, new int[2]);
        assertThat(predictions.probabilities()[0]).isEqualTo(1);
        assertThat(predictions.probabilities()[3]).isCloseTo(0.75, within(1e-7));
    }

    @Test
    void refusesWhatCannotBePredictions() {
        assertThatThrownBy(() -> Predictions.ungrouped(2, new double[] {1, 0}, new int[] {2}))
                .hasMessageContaining("labels: 2 of image 0");
        assertThatThrownBy(() -> Predictions.ungrouped(2, new double[] {1, 0, 0}, new int[] {1}))
                .hasMessageContaining("probabilities: 3 values");
        assertThatThrownBy(() -> Predictions.ungrouped(2, new double[] {1.5, 0}, new int[] {1}))
                .hasMessageContaining("1.5");
        assertThatThrownBy(() -> Predictions.ungrouped(1, new double[] {1}, new int[] {0}))
                .hasMessageContaining("classes");
    }

    @Test
    void putsProbabilitiesIntoBinsOpenBelow() {
        assertThat(Measurement.bin(0)).isZero();
        assertThat(Measurement.bin(1)).isEqualTo(14);
        for (int b = 1; b <= 15; b++) {
            assertThat(Measurement.bin(b / 15.0)).isEqualTo(b - 1);
            assertThat(Measurement.bin(Math.nextDown(b / 15.0))).isEqualTo(b - 1);
            if (b < 15) {
                assertThat(Measurement.bin(Math.nextUp(b / 15.0))).isEqualTo(b);
            }
        }
    }

    @Test
    void agreesWithTheNaiveDefinitionsOnRandomWeights() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            Predictions predictions = MetricOracle.random(random, 2 + random.nextInt(5), 1 + random.nextInt(40));
            int[] weights = random.ints(predictions.images(), 0, 4).toArray();
            weights[0]++;
            Measurement measurement = Measurement.of(predictions);
            Map<Metric, Double> all = measurement.measureAll(weights);
            for (Metric metric : Metric.values()) {
                double naive = MetricOracle.measure(metric, MetricOracle.repeated(predictions, weights));
                assertThat(all.get(metric)).as("%s", metric).isEqualTo(naive, within(1e-12));
                assertThat(measurement.measure(metric, weights)).isEqualTo(all.get(metric));
            }
        }
    }

    private static Predictions of(int classes, int[] twentieths, int[] labels) {
        return Predictions.ungrouped(
                classes, Arrays.stream(twentieths).mapToDouble(x -> x / 20.0).toArray(), labels);
    }

    private static void requireValues(Scorecard card, double... expected) {
        int next = 0;
        for (Metric metric : MetricOracle.ofClasses()) {
            assertThat(card.metrics().get(metric).value()).as("%s", metric).isCloseTo(expected[next++], within(1e-12));
        }
        assertThat(card.metrics()).hasSize(expected.length);
        assertThat(card.loss()).isGreaterThan(0);
    }
}
