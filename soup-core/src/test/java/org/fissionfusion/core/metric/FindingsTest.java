package org.fissionfusion.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Multilabel metrics against the definition of each, by pairs and by loops. */
class FindingsTest {
    private static final List<String> NAMES = List.of(
            "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion", "Fracture", "Lung Lesion");
    private static final int IMAGES = 120;

    /** The last but one finding is shown by four images, the last by none; some of everything is unknown. */
    private static Predictions predictions(long seed) {
        Random random = new Random(seed);
        int width = NAMES.size();
        int[] labels = new int[IMAGES * width];
        double[] probabilities = new double[IMAGES * width];
        for (int i = 0; i < labels.length; i++) {
            int finding = i % width;
            boolean present = finding == 5 ? i / width < 4 : finding < 5 && random.nextInt(3) == 0;
            labels[i] = random.nextInt(5) == 0 && finding != 5 ? Predictions.UNKNOWN : present ? 1 : 0;
            // few values, so that ties happen
            probabilities[i] = (1 + random.nextInt(8) + (present ? 3 : 0)) / 13.0;
        }
        int[] groups = IntStream.range(0, IMAGES).map(i -> i / 2).toArray();
        return new Predictions(IMAGES, width, probabilities, labels, groups, NAMES);
    }

    private static double auroc(Predictions predictions, int finding) {
        double wins = 0;
        double pairs = 0;
        int width = NAMES.size();
        for (int a = finding; a < predictions.labels().length; a += width) {
            for (int b = finding; b < predictions.labels().length; b += width) {
                if (predictions.labels()[a] == 1 && predictions.labels()[b] == 0) {
                    pairs++;
                    double present = predictions.probabilities()[a];
                    double absent = predictions.probabilities()[b];
                    wins += present > absent ? 1 : present == absent ? 0.5 : 0;
                }
            }
        }
        return wins / pairs;
    }

    private static double value(Scorecard card, Metric metric) {
        return card.metrics().get(metric).value();
    }

    @Test
    void meansAreOverTheDefinedTheFiveOfTheCompetitionAndTheFrequentFindings() {
        Predictions predictions = predictions(1);

        Scorecard card = Scoring.score(predictions, new BootstrapSpec(100, 1));

        double[] each =
                IntStream.range(0, 6).mapToDouble(f -> auroc(predictions, f)).toArray();
        assertThat(value(card, Metric.AUROC))
                .isCloseTo(Arrays.stream(each).average().orElseThrow(), within(1e-12));
        double five = Arrays.stream(each).limit(5).average().orElseThrow();
        assertThat(value(card, Metric.COMPETITION_AUROC)).isCloseTo(five, within(1e-12));
        assertThat(value(card, Metric.FREQUENT_AUROC)).isCloseTo(five, within(1e-12));
        assertThat(card.metrics()).doesNotContainKeys(Metric.MACRO_F1, Metric.MACRO_RECALL, Metric.QUADRATIC_KAPPA);
        assertThat(card.classesWithoutAuroc()).containsExactly(6);
    }

    @Test
    void tellsEveryFindingWithItsCounts() {
        Predictions predictions = predictions(2);

        Scorecard card = Scoring.score(predictions, new BootstrapSpec(100, 1));

        assertThat(card.findings()).extracting(Scorecard.FindingScore::finding).isEqualTo(NAMES);
        for (int f = 0; f < 6; f++) {
            Scorecard.FindingScore score = card.findings().get(f);
            Interval auroc = score.auroc().orElseThrow();
            assertThat(auroc.value()).isCloseTo(auroc(predictions, f), within(1e-12));
            assertThat(auroc.low()).isLessThan(auroc.value());
            assertThat(auroc.high()).isGreaterThan(auroc.value());
            assertThat(score.positives()).isEqualTo(count(predictions, f, 1));
            assertThat(score.negatives()).isEqualTo(count(predictions, f, 0));
        }
        assertThat(card.findings().get(5).positives()).isEqualTo(4);
        assertThat(card.findings().getLast().positives()).isZero();
        assertThat(card.findings().getLast().auroc()).isEmpty();
    }

    private static long count(Predictions predictions, int finding, int label) {
        return IntStream.range(0, IMAGES)
                .filter(i -> predictions.labels()[i * NAMES.size() + finding] == label)
                .count();
    }

    @Test
    void countsNothingOfWhatIsUnknown() {
        Predictions predictions = predictions(3);
        double[] others = predictions.probabilities().clone();
        for (int i = 0; i < others.length; i++) {
            others[i] = predictions.labels()[i] == Predictions.UNKNOWN ? 0.123 : others[i];
        }
        Predictions changed =
                new Predictions(IMAGES, NAMES.size(), others, predictions.labels(), predictions.groups(), NAMES);

        assertThat(Scoring.score(changed, new BootstrapSpec(50, 1)))
                .isEqualTo(Scoring.score(predictions, new BootstrapSpec(50, 1)));
    }

    @Test
    void lossesAreMeansOverFindingsOfMeansOverTheImagesOfWhichTheyAreKnown() {
        Predictions predictions = predictions(4);

        Scorecard card = Scoring.score(predictions, new BootstrapSpec(0, 1));

        double loss = 0;
        double brier = 0;
        for (int f = 0; f < NAMES.size(); f++) {
            double ofFinding = 0;
            double squares = 0;
            for (int i = f; i < predictions.labels().length; i += NAMES.size()) {
                double p = predictions.probabilities()[i];
                int label = predictions.labels()[i];
                if (label != Predictions.UNKNOWN) {
                    ofFinding -= Math.log(label == 1 ? p : 1 - p);
                    squares += 2 * (label - p) * (label - p);
                }
            }
            long known = count(predictions, f, 0) + count(predictions, f, 1);
            loss += ofFinding / known / NAMES.size();
            brier += squares / known / NAMES.size();
        }
        assertThat(value(card, Metric.LOG_LOSS)).isCloseTo(loss, within(1e-12));
        assertThat(card.loss()).isCloseTo(loss, within(1e-12));
        assertThat(value(card, Metric.BRIER)).isCloseTo(brier, within(1e-12));
    }

    @Test
    void oneFindingIsMeasuredAsTwoClassesAre() {
        Random random = new Random(5);
        int[] labels = random.ints(80, 0, 2).toArray();
        double[] present = random.doubles(80).toArray();
        double[] both = new double[160];
        double[] twice = new double[160];
        int[] known = new int[160];
        for (int i = 0; i < 80; i++) {
            both[2 * i] = 1 - present[i];
            both[2 * i + 1] = present[i];
            twice[2 * i] = present[i];
            twice[2 * i + 1] = present[i];
            known[2 * i] = labels[i];
            known[2 * i + 1] = labels[i];
        }
        int[] groups = IntStream.range(0, 80).toArray();

        Scorecard classes = Scoring.score(new Predictions(80, 2, both, labels, groups), new BootstrapSpec(200, 1));
        Scorecard findings = Scoring.score(
                new Predictions(80, 2, twice, known, groups, List.of("a", "the same")), new BootstrapSpec(200, 1));

        for (Metric metric : List.of(Metric.AUROC, Metric.ACCURACY, Metric.LOG_LOSS, Metric.ECE, Metric.BRIER)) {
            Interval expected = classes.metrics().get(metric);
            Interval actual = findings.metrics().get(metric);
            assertThat(actual.value()).as(metric.wireName()).isCloseTo(expected.value(), within(1e-12));
            assertThat(actual.low()).as(metric.wireName()).isCloseTo(expected.low(), within(1e-12));
            assertThat(actual.high()).as(metric.wireName()).isCloseTo(expected.high(), within(1e-12));
        }
        assertThat(findings.metrics()).doesNotContainKey(Metric.COMPETITION_AUROC);
    }

    @Test
    void aTemperatureLowersTheLossAndKeepsTheOrder() {
        Predictions predictions = predictions(6);

        double temperature = Temperature.fit(predictions);

        double fitted = loss(predictions, temperature);
        assertThat(fitted).isLessThan(loss(predictions, 1));
        assertThat(fitted).isLessThan(loss(predictions, temperature * 1.01));
        assertThat(fitted).isLessThan(loss(predictions, temperature * 0.99));
        assertThat(value(
                        Scoring.score(Temperature.apply(predictions, temperature), new BootstrapSpec(0, 0)),
                        Metric.AUROC))
                .isCloseTo(value(Scoring.score(predictions, new BootstrapSpec(0, 0)), Metric.AUROC), within(1e-12));
    }

    private static double loss(Predictions predictions, double temperature) {
        return Scoring.score(Temperature.apply(predictions, temperature), new BootstrapSpec(0, 0))
                .loss();
    }

    @Test
    void dividesAndComparesFindingsAsClasses() {
        Predictions predictions = predictions(7);
        int[] halves = IntStream.range(0, IMAGES).map(i -> i < 20 ? 0 : 1).toArray();

        List<Subgroups.Part> parts = Subgroups.score(
                predictions, List.of("few", "many"), halves, Metric.FREQUENT_AUROC, new BootstrapSpec(50, 1));

        assertThat(parts.getFirst().tooFew()).isTrue();
        assertThat(parts.getLast().score()).isPresent();
        Predictions same = predictions(7);
        assertThat(PairedComparison.oneSided(same, predictions, Metric.AUROC, new BootstrapSpec(50, 1)))
                .isEqualTo(1);
        assertThatThrownBy(() -> PairedComparison.compare(
                        Map.of("a", predictions, "b", predictions(8)),
                        Metric.AUROC,
                        new BootstrapSpec(50, 1),
                        List.of("a")))
                .hasMessageContaining("not predicted on the same images");
    }

    @Test
    void probabilitiesOfFindingsAreSigmoids() {
        Predictions predictions = Predictions.ofFindings(
                List.of("a", "b"), new float[] {0, 2, -2, 700}, new int[] {1, 0, -1, 1}, new int[] {0, 1});

        assertThat(predictions.probabilities()[0]).isEqualTo(0.5);
        assertThat(predictions.probabilities()[1]).isCloseTo(1 / (1 + Math.exp(-2)), within(1e-15));
        assertThat(predictions.probabilities()[2]).isCloseTo(1 / (1 + Math.exp(2)), within(1e-15));
        assertThat(predictions.probabilities()[3]).isEqualTo(1);
    }
}
