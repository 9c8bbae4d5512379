package org.fissionfusion.core.metric;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Findings, each over the images of which it is known. AUROC, log loss and Brier score are means over the findings for
 * which they are defined; accuracy (at probability 0.5) and calibration error pool what is known of all findings. What
 * compares classes with each other is undefined.
 */
final class FindingsMeasurement implements Measurement {
    /** The findings that CheXpert's competition scores. */
    private static final List<String> COMPETITION =
            List.of("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion");
    /** Findings with fewer positives say too little to select by. */
    private static final int FREQUENT = 5;

    private final boolean defined;
    private final List<String> names;
    private final Finding[] findings;
    private final double[] binGaps = new double[BINS];

    /** One finding: an entry per image of which it is known. */
    private static final class Finding {
        private final int[] images;
        private final boolean[] present;
        private final double[] probabilities;
        private final long positives;
        private RankedScores ranked;

        private Finding(Predictions predictions, int number) {
            int width = predictions.classes();
            images = IntStream.range(0, predictions.images())
                    .filter(i -> predictions.labels()[i * width + number] >= 0)
                    .toArray();
            present = new boolean[images.length];
            probabilities = new double[images.length];
            for (int k = 0; k < images.length; k++) {
                int at = images[k] * width + number;
                present[k] = predictions.labels()[at] == 1;
                probabilities[k] = predictions.probabilities()[at];
            }
            positives =
                    IntStream.range(0, images.length).filter(k -> present[k]).count();
        }

        private double auroc(int[] weights) {
            if (ranked == null) {
                ranked = new RankedScores(probabilities, present, images);
            }
            return ranked.auroc(weights);
        }

        /** The probability of what is true. */
        private double ofTruth(int k) {
            return present[k] ? probabilities[k] : 1 - probabilities[k];
        }

        private double logLoss(int[] weights, double least) {
            double sum = 0;
            long total = 0;
            for (int k = 0; k < images.length; k++) {
                int weight = weights[images[k]];
                sum -= weight * StrictMath.log(Math.clamp(ofTruth(k), least, 1 - least));
                total += weight;
            }
            return sum / total;
        }

        /** Over both classes, as the Brier score of two classes is. */
        private double brier(int[] weights) {
            double sum = 0;
            long total = 0;
            for (int k = 0; k < images.length; k++) {
                double error = 1 - ofTruth(k);
                sum += weights[images[k]] * 2 * error * error;
                total += weights[images[k]];
            }
            return sum / total;
        }
    }

    FindingsMeasurement(Predictions predictions) {
        defined = Arrays.stream(predictions.probabilities()).allMatch(Double::isFinite);
        names = predictions.findings();
        findings = IntStream.range(0, predictions.classes())
                .mapToObj(number -> new Finding(predictions, number))
                .toArray(Finding[]::new);
    }

    @Override
    public double measure(Metric metric, int[] weights) {
        return switch (metric) {
            case AUROC, COMPETITION_AUROC, FREQUENT_AUROC -> auroc(metric, aurocs(weights));
            case LOG_LOSS -> mean(f -> true, eachLogLoss(weights, EPSILON));
            case BRIER -> mean(f -> true, each(finding -> finding.brier(weights)));
            case ACCURACY -> accuracy(weights);
            case ECE -> calibrationError(weights);
            case MACRO_F1, MACRO_RECALL, QUADRATIC_KAPPA -> Double.NaN;
        };
    }

    @Override
    public Map<Metric, Double> measureAll(int[] weights) {
        return measureAll(weights, aurocs(weights));
    }

    /** @param aurocs those of these weights */
    Map<Metric, Double> measureAll(int[] weights, double[] aurocs) {
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        for (Metric metric : Metric.values()) {
            values.put(
                    metric,
                    switch (metric) {
                        case AUROC, COMPETITION_AUROC, FREQUENT_AUROC -> auroc(metric, aurocs);
                        case ACCURACY, MACRO_F1, MACRO_RECALL, QUADRATIC_KAPPA, LOG_LOSS, ECE, BRIER ->
                            measure(metric, weights);
                    });
        }
        return values;
    }

    /** The AUROC of every finding, NaN where all or none of its known images show it. */
    double[] aurocs(int[] weights) {
        return each(finding -> finding.auroc(weights));
    }

    private double auroc(Metric metric, double[] aurocs) {
        if (metric == Metric.FREQUENT_AUROC) {
            return mean(f -> findings[f].positives >= FREQUENT, aurocs);
        }
        if (metric == Metric.COMPETITION_AUROC) {
            return names.containsAll(COMPETITION) ? mean(f -> COMPETITION.contains(names.get(f)), aurocs) : Double.NaN;
        }
        return mean(f -> true, aurocs);
    }

    /** Images that show a finding. */
    long positives(int finding) {
        return findings[finding].positives;
    }

    /** Images that are known not to show it. */
    long negatives(int finding) {
        return findings[finding].images.length - findings[finding].positives;
    }

    @Override
    public double loss() {
        int images = Arrays.stream(findings)
                .flatMapToInt(finding -> Arrays.stream(finding.images))
                .max()
                .orElse(-1);
        int[] once = new int[images + 1];
        Arrays.fill(once, 1);
        return mean(f -> true, eachLogLoss(once, Double.MIN_VALUE));
    }

    @FunctionalInterface
    private interface Value {
        double of(Finding finding);
    }

    private double[] each(Value value) {
        return Arrays.stream(findings)
                .mapToDouble(finding -> defined ? value.of(finding) : Double.NaN)
                .toArray();
    }

    private double[] eachLogLoss(int[] weights, double least) {
        return each(finding -> finding.logLoss(weights, least));
    }

    private static double mean(IntPredicate wanted, double[] values) {
        return IntStream.range(0, values.length)
                .filter(wanted)
                .mapToDouble(f -> values[f])
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    private double accuracy(int[] weights) {
        long right = 0;
        long total = 0;
        for (Finding finding : findings) {
            for (int k = 0; k < finding.images.length; k++) {
                int weight = weights[finding.images[k]];
                right += (finding.probabilities[k] > 0.5) == finding.present[k] ? weight : 0;
                total += weight;
            }
        }
        return defined && total > 0 ? (double) right / total : Double.NaN;
    }

    private double calibrationError(int[] weights) {
        Arrays.fill(binGaps, 0);
        long total = 0;
        for (Finding finding : findings) {
            for (int k = 0; k < finding.images.length; k++) {
                int weight = weights[finding.images[k]];
                double probability = finding.probabilities[k];
                double top = Math.max(probability, 1 - probability);
                boolean right = (probability > 0.5) == finding.present[k];
                binGaps[Measurement.bin(top)] += weight * ((right ? 1 : 0) - top);
                total += weight;
            }
        }
        return defined && total > 0 ? Arrays.stream(binGaps).map(Math::abs).sum() / total : Double.NaN;
    }
}
