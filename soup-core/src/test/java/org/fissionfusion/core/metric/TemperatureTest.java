package org.fissionfusion.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TemperatureTest {
    private static final BootstrapSpec BOOTSTRAP = new BootstrapSpec(100, 0);

    /** Labels drawn from the softmax of logits that are then told {@code boldness} times too boldly. */
    private static Predictions told(int images, int classes, double boldness, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] logits = new float[images * classes];
        int[] labels = new int[images];
        for (int i = 0; i < images; i++) {
            double[] honest = new double[classes];
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                double logit = 2 * random.nextGaussian();
                logits[i * classes + c] = (float) (boldness * logit);
                honest[c] = Math.exp(logit);
                sum += honest[c];
            }
            double drawn = random.nextDouble() * sum;
            while (labels[i] < classes - 1 && drawn > honest[labels[i]]) {
                drawn -= honest[labels[i]++];
            }
        }
        int[] groups = new int[images];
        java.util.Arrays.setAll(groups, i -> i);
        return Predictions.ofLogits(classes, logits, labels, groups);
    }

    private static double loss(Predictions predictions) {
        return Scoring.score(predictions, BOOTSTRAP).loss();
    }

    @Test
    void findsWhatANaiveGridSearchFinds() {
        for (double boldness : new double[] {0.4, 1, 3}) {
            // Given
            Predictions validation = told(400, 4, boldness, 11);
            double best = Double.NaN;
            double least = Double.POSITIVE_INFINITY;
            for (double t = 0.05; t < 10; t += 0.001) {
                double sum = 0;
                for (int i = 0; i < validation.images(); i++) {
                    double all = 0;
                    for (int c = 0; c < 4; c++) {
                        all += Math.pow(validation.probabilities()[4 * i + c], 1 / t);
                    }
                    sum -= Math.log(Math.pow(
                                    validation
                                            .probabilities()[4 * i + validation.labels()[i]],
                                    1 / t)
                            / all);
                }
                if (sum < least) {
                    least = sum;
                    best = t;
                }
            }

            // When
            double fitted = Temperature.fit(validation);

            // Then
            assertThat(fitted).isCloseTo(best, within(0.001));
            assertThat(fitted).isCloseTo(boldness, within(0.25 * boldness));
        }
    }

    @Test
    void makesBoldPredictionsHonestAndKeepsEveryDecision() {
        // Given
        double temperature = Temperature.fit(told(2000, 5, 3, 1));
        Predictions test = told(2000, 5, 3, 2);

        // When
        Predictions calibrated = Temperature.apply(test, temperature);

        // Then
        Scorecard before = Scoring.score(test, BOOTSTRAP);
        Scorecard after = Scoring.score(calibrated, BOOTSTRAP);
        assertThat(after.loss()).isLessThan(before.loss());
        for (Metric metric : new Metric[] {Metric.ECE, Metric.BRIER}) {
            assertThat(after.metrics().get(metric).value())
                    .isLessThan(before.metrics().get(metric).value());
        }
        assertThat(after.metrics().get(Metric.ACCURACY))
                .isEqualTo(before.metrics().get(Metric.ACCURACY));
        assertThat(after.confusion()).isEqualTo(before.confusion());
    }

    @Test
    void staysWithinItsBoundsWhenEveryDecisionIsRightOrWrong() {
        int[] labels = {0, 1};
        double[] right = {0.9, 0.1, 0.2, 0.8};
        assertThat(Temperature.fit(Predictions.ungrouped(2, right, labels))).isEqualTo(0.01);
        double[] wrong = {0.1, 0.9, 0.8, 0.2};
        assertThat(Temperature.fit(Predictions.ungrouped(2, wrong, labels))).isEqualTo(100);
        double[] certain = {1, 0, 0, 1};
        Predictions sure = Predictions.ungrouped(2, certain, labels);
        assertThat(loss(Temperature.apply(sure, 2))).isFinite();
    }

    @Test
    void doesNothingWithoutFiniteProbabilities() {
        assertThat(Temperature.fit(Predictions.ungrouped(2, new double[] {Double.NaN, 0.1}, new int[] {0})))
                .isEqualTo(1);
    }
}
