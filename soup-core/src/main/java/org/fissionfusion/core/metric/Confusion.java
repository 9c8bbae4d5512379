package org.fissionfusion.core.metric;

import java.util.Arrays;

/** Counts of truth × prediction and the metrics that need nothing else, with scikit-learn's definitions. */
final class Confusion {

    private final int classes;
    private final long[] counts;
    private final long[] truths;
    private final long[] predictions;
    private long correct;
    private long total;

    Confusion(int classes) {
        this.classes = classes;
        this.counts = new long[classes * classes];
        this.truths = new long[classes];
        this.predictions = new long[classes];
    }

    /** Counts anew: {@code cells[i]} is truth × classes + prediction of image i. */
    void count(int[] cells, int[] weights) {
        Arrays.fill(counts, 0);
        for (int i = 0; i < cells.length; i++) {
            counts[cells[i]] += weights[i];
        }
        Arrays.fill(truths, 0);
        Arrays.fill(predictions, 0);
        correct = 0;
        total = 0;
        for (int truth = 0; truth < classes; truth++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                long count = counts[truth * classes + predicted];
                truths[truth] += count;
                predictions[predicted] += count;
            }
            correct += counts[truth * classes + truth];
            total += truths[truth];
        }
    }

    long[] counts() {
        return counts.clone();
    }

    long[] support() {
        return truths.clone();
    }

    long total() {
        return total;
    }

    double accuracy() {
        return (double) correct / total;
    }

    /** Recall of a class, 0 without support. */
    double recall(int aClass) {
        return truths[aClass] == 0 ? 0 : (double) counts[aClass * classes + aClass] / truths[aClass];
    }

    /** Mean recall of the classes present in the truth. */
    double macroRecall() {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            if (truths[c] > 0) {
                sum += recall(c);
                present++;
            }
        }
        return sum / present;
    }

    /** Mean F1 of the classes present in the truth. */
    double macroF1() {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            if (truths[c] > 0) {
                sum += 2.0 * counts[c * classes + c] / (truths[c] + predictions[c]);
                present++;
            }
        }
        return sum / present;
    }

    /** Cohen's kappa with quadratic weights over all classes; NaN when truth and prediction are one and the same class. */
    double quadraticKappa() {
        double observed = 0;
        double expected = 0;
        for (int truth = 0; truth < classes; truth++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                double weight = (double) (truth - predicted) * (truth - predicted);
                observed += weight * counts[truth * classes + predicted];
                expected += weight * truths[truth] * predictions[predicted];
            }
        }
        return expected == 0 ? Double.NaN : 1 - observed / (expected / total);
    }
}
