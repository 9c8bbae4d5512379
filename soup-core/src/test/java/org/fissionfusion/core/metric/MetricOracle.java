package org.fissionfusion.core.metric;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The metrics once more, straight from their definitions, with no eye on speed. */
final class MetricOracle {

    private MetricOracle() {}

    /** Coarse probabilities, so that ties and whole bins are common. */
    static Predictions random(Random random, int classes, int images) {
        double[] probabilities = new double[images * classes];
        for (int row = 0; row < probabilities.length; row += classes) {
            for (int unit = 0; unit < 15; unit++) {
                probabilities[row + random.nextInt(classes)] += 1 / 15.0;
            }
            for (int c = 0; c < classes; c++) {
                probabilities[row + c] = Math.min(1, probabilities[row + c]);
            }
        }
        int[] labels = random.ints(images, 0, classes).toArray();
        int[] groups = random.ints(images, 0, Math.max(1, images / 2)).toArray();
        return new Predictions(images, classes, probabilities, labels, groups);
    }

    /** Every image as often as it weighs. */
    static Predictions repeated(Predictions p, int[] weights) {
        int[] index = IntStream.range(0, p.images())
                .flatMap(i -> IntStream.generate(() -> i).limit(weights[i]))
                .toArray();
        double[] probabilities = new double[index.length * p.classes()];
        int[] labels = new int[index.length];
        int[] groups = new int[index.length];
        for (int i = 0; i < index.length; i++) {
            System.arraycopy(p.probabilities(), index[i] * p.classes(), probabilities, i * p.classes(), p.classes());
            labels[i] = p.labels()[index[i]];
            groups[i] = p.groups()[index[i]];
        }
        return new Predictions(index.length, p.classes(), probabilities, labels, groups);
    }

    /** The metrics of images of one class each. */
    static List<Metric> ofClasses() {
        return Arrays.stream(Metric.values())
                .filter(metric -> metric != Metric.COMPETITION_AUROC && metric != Metric.FREQUENT_AUROC)
                .toList();
    }

    static double measure(Metric metric, Predictions p) {
        return switch (metric) {
            case ACCURACY -> count(p, (truth, said) -> truth == said) / (double) p.images();
            case MACRO_F1 ->
                IntStream.range(0, p.classes())
                        .filter(c -> count(p, (truth, said) -> truth == c) > 0)
                        .mapToDouble(c -> f1(p, c))
                        .average()
                        .orElseThrow();
            case MACRO_RECALL ->
                IntStream.range(0, p.classes())
                        .filter(c -> count(p, (truth, said) -> truth == c) > 0)
                        .mapToDouble(c -> count(p, (truth, said) -> truth == c && said == c)
                                / (double) count(p, (truth, said) -> truth == c))
                        .average()
                        .orElseThrow();
            case COMPETITION_AUROC, FREQUENT_AUROC -> Double.NaN; // of findings only: see FindingsTest
            case QUADRATIC_KAPPA -> kappa(p);
            case AUROC ->
                IntStream.range(p.classes() == 2 ? 1 : 0, p.classes())
                        .mapToDouble(c -> auroc(p, c))
                        .filter(a -> !Double.isNaN(a))
                        .average()
                        .orElse(Double.NaN);
            case LOG_LOSS ->
                IntStream.range(0, p.images())
                        .mapToDouble(i -> -Math.log(
                                Math.min(1 - Math.pow(2, -52), Math.max(Math.pow(2, -52), at(p, i, p.labels()[i])))))
                        .average()
                        .orElseThrow();
            case ECE -> ece(p);
            case BRIER ->
                IntStream.range(0, p.images())
                        .mapToDouble(i -> IntStream.range(0, p.classes())
                                .mapToDouble(c -> Math.pow(at(p, i, c) - (p.labels()[i] == c ? 1 : 0), 2))
                                .sum())
                        .average()
                        .orElseThrow();
        };
    }

    private interface Condition {
        boolean holds(int truth, int said);
    }

    private static double at(Predictions p, int image, int c) {
        return p.probabilities()[image * p.classes() + c];
    }

    private static long count(Predictions p, Condition condition) {
        return IntStream.range(0, p.images())
                .filter(i -> condition.holds(p.labels()[i], p.predicted(i)))
                .count();
    }

    private static double f1(Predictions p, int c) {
        double hits = count(p, (truth, said) -> truth == c && said == c);
        double said = count(p, (truth, predicted) -> predicted == c);
        double precision = said == 0 ? 0 : hits / said;
        double recall = hits / count(p, (truth, predicted) -> truth == c);
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    private static double kappa(Predictions p) {
        double observed = 0;
        double expected = 0;
        for (int i = 0; i < p.images(); i++) {
            observed += Math.pow(p.labels()[i] - p.predicted(i), 2) / p.images();
            for (int j = 0; j < p.images(); j++) {
                expected += Math.pow(p.labels()[i] - p.predicted(j), 2) / p.images() / p.images();
            }
        }
        return expected == 0 ? Double.NaN : 1 - observed / expected;
    }

    private static double auroc(Predictions p, int c) {
        double won = 0;
        int pairs = 0;
        for (int i = 0; i < p.images(); i++) {
            for (int j = 0; j < p.images(); j++) {
                if (p.labels()[i] == c && p.labels()[j] != c) {
                    pairs++;
                    won += at(p, i, c) > at(p, j, c) ? 1 : at(p, i, c) == at(p, j, c) ? 0.5 : 0;
                }
            }
        }
        return pairs == 0 ? Double.NaN : won / pairs;
    }

    private static double ece(Predictions p) {
        double error = 0;
        for (int b = 0; b < 15; b++) {
            double low = b == 0 ? -1 : b / 15.0;
            double high = (b + 1) / 15.0;
            int[] inside = IntStream.range(0, p.images())
                    .filter(i -> at(p, i, p.predicted(i)) > low && at(p, i, p.predicted(i)) <= high)
                    .toArray();
            if (inside.length > 0) {
                double accuracy = IntStream.of(inside)
                        .map(i -> p.predicted(i) == p.labels()[i] ? 1 : 0)
                        .average()
                        .orElseThrow();
                double confidence = IntStream.of(inside)
                        .mapToDouble(i -> at(p, i, p.predicted(i)))
                        .average()
                        .orElseThrow();
                error += Math.abs(accuracy - confidence) * inside.length / p.images();
            }
        }
        return error;
    }
}
