package org.fissionfusion.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.fissionfusion.core.metric.PairedComparison.Comparison;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static final BootstrapSpec SPEC = new BootstrapSpec(2_000, 42);

    @Test
    void resamplesAsManyGroupsAsThereAreAndKeepsTheirImagesTogether() {
        int[] groups = {7, 7, -1, 7, 3, 3, 900};
        Resampling resampling = new Resampling(groups, 5);
        double[] sums = new double[groups.length];
        for (int r = 0; r < 4_000; r++) {
            int[] weights = resampling.next();
            assertThat(weights[1]).isEqualTo(weights[0]);
            assertThat(weights[3]).isEqualTo(weights[0]);
            assertThat(weights[5]).isEqualTo(weights[4]);
            assertThat(weights[0] + weights[2] + weights[4] + weights[6]).isEqualTo(4);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += weights[i] / 4_000.0;
            }
        }
        assertThat(Arrays.stream(sums)).allSatisfy(mean -> assertThat(mean).isCloseTo(1, within(0.06)));
    }

    @Test
    void intervalsArePercentilesOfMeasurementsOfTheResamples() {
        Predictions predictions = MetricOracle.random(new Random(3), 3, 30);
        BootstrapSpec spec = new BootstrapSpec(41, 9);
        Scorecard card = Scoring.score(predictions, spec);

        for (Metric metric : MetricOracle.ofClasses()) {
            Resampling resampling = new Resampling(predictions.groups(), 9);
            double[] values = IntStream.range(0, 41)
                    .mapToDouble(
                            r -> MetricOracle.measure(metric, MetricOracle.repeated(predictions, resampling.next())))
                    .filter(value -> !Double.isNaN(value))
                    .sorted()
                    .toArray();
            assertThat(values).hasSize(41);
            // 2.5 % and 97.5 % of 41 sorted values are exactly the second and the last but one
            assertThat(card.metrics().get(metric).low()).isCloseTo(values[1], within(1e-12));
            assertThat(card.metrics().get(metric).high()).isCloseTo(values[39], within(1e-12));
        }
    }

    @Test
    void theOneSidedPIsTheShareOfResamplesOnWhichTheCandidateIsNotBetter() {
        Random random = new Random(11);
        Predictions soup = MetricOracle.random(random, 3, 40);
        Predictions candidate = new Predictions(
                40, 3, MetricOracle.random(random, 3, 40).probabilities(), soup.labels(), soup.groups());
        for (Metric metric : List.of(Metric.ACCURACY, Metric.MACRO_F1, Metric.AUROC)) {
            Resampling resampling = new Resampling(soup.groups(), 9);
            int not = 0;
            for (int r = 0; r < 200; r++) {
                int[] weights = resampling.next();
                double with = MetricOracle.measure(metric, MetricOracle.repeated(candidate, weights));
                double without = MetricOracle.measure(metric, MetricOracle.repeated(soup, weights));
                not += with <= without ? 1 : 0;
            }

            double p = PairedComparison.oneSided(candidate, soup, metric, new BootstrapSpec(200, 9));

            assertThat(p).as(metric.wireName()).isCloseTo((not + 1) / 201.0, within(1e-12));
        }
        assertThat(PairedComparison.oneSided(soup, soup, Metric.ACCURACY, SPEC)).isEqualTo(1);
    }

    @Test
    void theSameSeedGivesTheSameIntervalsAndAnotherSeedOthers() {
        Predictions predictions = MetricOracle.random(new Random(4), 4, 60);
        assertThat(Scoring.score(predictions, SPEC)).isEqualTo(Scoring.score(predictions, SPEC));
        assertThat(Scoring.score(predictions, new BootstrapSpec(2_000, 43)).metrics())
                .isNotEqualTo(Scoring.score(predictions, SPEC).metrics());
    }

    @Test
    void theIntervalOfAnAccuracyIsThatOfABinomial() {
        // 400 images, 300 right: standard error sqrt(.75 * .25 / 400) = .02165
        double[] probabilities = new double[800];
        for (int i = 0; i < 400; i++) {
            probabilities[2 * i + (i < 300 ? 1 : 0)] = 1;
        }
        int[] labels = new int[400];
        Arrays.fill(labels, 1);
        Interval interval = Scoring.score(Predictions.ungrouped(2, probabilities, labels), SPEC)
                .metrics()
                .get(Metric.ACCURACY);
        assertThat(interval.value()).isEqualTo(0.75);
        assertThat(interval.low()).isCloseTo(0.75 - 1.96 * 0.02165, within(0.006));
        assertThat(interval.high()).isCloseTo(0.75 + 1.96 * 0.02165, within(0.006));
    }

    @Test
    void groupsWidenTheInterval() {
        double[] probabilities = new double[800];
        int[] labels = new int[400];
        int[] groups = new int[400];
        for (int i = 0; i < 400; i++) {
            groups[i] = i / 40;
            probabilities[2 * i + (groups[i] < 7 ? 0 : 1)] = 1;
        }
        Interval byGroup = Scoring.score(new Predictions(400, 2, probabilities, labels, groups), SPEC)
                .metrics()
                .get(Metric.ACCURACY);
        Interval byImage = Scoring.score(Predictions.ungrouped(2, probabilities, labels), SPEC)
                .metrics()
                .get(Metric.ACCURACY);
        assertThat(byGroup.high() - byGroup.low()).isGreaterThan(4 * (byImage.high() - byImage.low()));
    }

    @Test
    void withoutResamplesAnIntervalIsItsValue() {
        Scorecard card = Scoring.score(MetricOracle.random(new Random(1), 2, 9), new BootstrapSpec(0, 1));
        assertThat(card.metrics().values())
                .allSatisfy(i -> assertThat(i).isEqualTo(new Interval(i.value(), i.value(), i.value())));
    }

    @Test
    void percentilesInterpolateLinearly() {
        double[] sorted = {0, 1, 2, 3, 4};
        assertThat(Percentiles.at(sorted, 0.025)).isCloseTo(0.1, within(1e-15));
        assertThat(Percentiles.at(sorted, 0.975)).isCloseTo(3.9, within(1e-15));
        assertThat(Percentiles.at(new double[] {5}, 0.975)).isEqualTo(5);
    }

    @Test
    void equalPredictionsAreNoDifferentAndBetterOnesAre() {
        int[] labels = new Random(2).ints(300, 0, 2).toArray();
        Map<String, Predictions> strategies = new LinkedHashMap<>();
        strategies.put("best", right(labels, 200));
        strategies.put("greedy", right(labels, 200));
        strategies.put("GoG", right(labels, 290));

        List<Comparison> comparisons =
                PairedComparison.compare(strategies, Metric.ACCURACY, SPEC, List.of("best", "greedy"));

        assertThat(comparisons)
                .extracting(c -> c.strategy() + "-" + c.baseline())
                .containsExactly("best-greedy", "GoG-best", "GoG-greedy");
        assertThat(comparisons.get(0)).isEqualTo(new Comparison("best", "greedy", 0, 0, 0, 1, 1));
        Comparison better = comparisons.get(1);
        assertThat(better.delta()).isCloseTo(0.3, within(1e-12));
        assertThat(better.low()).isBetween(0.22, 0.3);
        assertThat(better.high()).isBetween(0.3, 0.38);
        assertThat(better.p()).isCloseTo(2 / 2001.0, within(1e-12));
        assertThat(better.holm()).isCloseTo(3 * 2 / 2001.0, within(1e-12));
        assertThat(comparisons.get(2).holm()).isEqualTo(better.holm());
    }

    @Test
    void holmNeverLowersAndKeepsTheOrder() {
        Random random = new Random(8);
        int[] labels = random.ints(200, 0, 3).toArray();
        Map<String, Predictions> strategies = new LinkedHashMap<>();
        for (int s = 0; s < 6; s++) {
            strategies.put("s" + s, noisy(labels, random, 0.2 * s));
        }
        List<Comparison> comparisons = PairedComparison.compare(strategies, Metric.AUROC, SPEC, List.of("s0"));
        assertThat(comparisons).hasSize(5);
        List<Comparison> byP = comparisons.stream()
                .sorted((a, b) -> Double.compare(a.p(), b.p()))
                .toList();
        assertThat(byP.getFirst().holm())
                .isEqualTo(Math.min(1, 5 * byP.getFirst().p()));
        for (int i = 1; i < 5; i++) {
            double expected = Math.max(
                    byP.get(i - 1).holm(), Math.min(1, (5 - i) * byP.get(i).p()));
            assertThat(byP.get(i).holm()).isEqualTo(expected);
        }
    }

    @Test
    void comparesOnlyTheSameImages() {
        int[] labels = {0, 1, 1};
        Map<String, Predictions> other = Map.of("a", right(labels, 3), "b", right(new int[] {1, 1, 0}, 3));
        assertThatThrownBy(() -> PairedComparison.compare(other, Metric.ACCURACY, SPEC, List.of("a")))
                .hasMessageContaining("not predicted on the same images");
        assertThatThrownBy(() -> PairedComparison.compare(other, Metric.ACCURACY, SPEC, List.of("c")))
                .hasMessageContaining("'c'");
    }

    @Test
    void leavesOutComparisonsOfUndefinedMetrics() {
        int[] labels = {1, 1, 1};
        Map<String, Predictions> same = Map.of("a", right(labels, 3), "b", right(labels, 2));
        assertThat(PairedComparison.compare(same, Metric.AUROC, SPEC, List.of("a")))
                .isEmpty();
    }

    private static Predictions right(int[] labels, int count) {
        double[] probabilities = new double[labels.length * 2];
        for (int i = 0; i < labels.length; i++) {
            probabilities[2 * i + (i < count ? labels[i] : 1 - labels[i])] = 1;
        }
        return Predictions.ungrouped(2, probabilities, labels);
    }

    private static Predictions noisy(int[] labels, Random random, double skill) {
        float[] logits = new float[labels.length * 3];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (random.nextGaussian() + (labels[i / 3] == i % 3 ? skill : 0));
        }
        int[] groups = IntStream.range(0, labels.length).toArray();
        return Predictions.ofLogits(3, logits, labels, groups);
    }
}
