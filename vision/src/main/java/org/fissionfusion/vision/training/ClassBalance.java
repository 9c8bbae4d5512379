package org.fissionfusion.vision.training;

import java.util.Arrays;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;

/**
 * How often each class is in the training set; one that is not there counts as one image.
 *
 * @param counts by class
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ClassBalance(int[] counts) {
    ClassBalance {
        counts = Arrays.stream(counts).map(count -> Math.max(1, count)).toArray();
    }

    static ClassBalance of(PreparedSet set, int classes) {
        return switch (set.labels()) {
            case Labels.Classes labels -> new ClassBalance(Arrays.copyOf(labels.classCounts(), classes));
            case Labels.Findings _ -> even(classes); // findings have weights of their own
        };
    }

    /** All classes equally often. */
    static ClassBalance even(int classes) {
        int[] counts = new int[classes];
        Arrays.fill(counts, 1);
        return new ClassBalance(counts);
    }

    private double total() {
        return Arrays.stream(counts).sum();
    }

    /** N / (classes x images of the class). */
    float[] weights() {
        float[] weights = new float[counts.length];
        for (int c = 0; c < weights.length; c++) {
            weights[c] = (float) (total() / ((double) counts.length * counts[c]));
        }
        return weights;
    }

    /** A factor times the natural logarithm of the class's share. */
    float[] logPriors(double factor) {
        float[] priors = new float[counts.length];
        for (int c = 0; c < priors.length; c++) {
            priors[c] = (float) (factor * StrictMath.log(counts[c] / total()));
        }
        return priors;
    }
}
