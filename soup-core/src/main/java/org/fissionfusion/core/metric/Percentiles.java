package org.fissionfusion.core.metric;

import java.util.Arrays;

/** The 95 % percentile interval of resampled values. */
final class Percentiles {

    private Percentiles() {}

    /** Undefined resamples (NaN) are left out; without any other the interval is the value itself. */
    static Interval interval(double value, double[] resampled) {
        double[] sorted =
                Arrays.stream(resampled).filter(x -> !Double.isNaN(x)).sorted().toArray();
        return sorted.length == 0
                ? new Interval(value, value, value)
                : new Interval(value, at(sorted, 0.025), at(sorted, 0.975));
    }

    /** Linear interpolation between the nearest ranks, as numpy does it by default. */
    static double at(double[] sorted, double quantile) {
        double position = (sorted.length - 1) * quantile;
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}
