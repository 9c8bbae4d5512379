package org.fissionfusion.core.metric;

import java.util.Map;

/**
 * Predictions made ready to be measured many times: everything that does not depend on how often an image counts is
 * worked out once. Not safe for use by several threads at once.
 */
sealed interface Measurement permits ClassMeasurement, FindingsMeasurement {
    int BINS = 15;

    /** scikit-learn clips probabilities of the log loss by the float64 machine epsilon. */
    double EPSILON = Math.ulp(1.0);

    static Measurement of(Predictions predictions) {
        return predictions.multilabel() ? new FindingsMeasurement(predictions) : new ClassMeasurement(predictions);
    }

    /** A metric with every image counted as often as it weighs; NaN when it is undefined. */
    double measure(Metric metric, int[] weights);

    /** All metrics. */
    Map<Metric, Double> measureAll(int[] weights);

    /** The loss that orders ties, without scikit-learn's clipping where it can be told. */
    double loss();

    /** The bin (b/15, (b+1)/15] of a probability; 0 belongs to the first. */
    static int bin(double probability) {
        int bin = Math.clamp((long) (probability * BINS), 0, BINS - 1);
        if (bin > 0 && probability <= (double) bin / BINS) {
            bin--;
        } else if (bin < BINS - 1 && probability > (double) (bin + 1) / BINS) {
            bin++;
        }
        return bin;
    }
}
