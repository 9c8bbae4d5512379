package org.fissionfusion.core.metric;

/** Measures predictions by every metric. */
public final class Scoring {

    private Scoring() {}

    /** All metrics with their percentile bootstrap intervals by group. */
    public static Scorecard score(Predictions predictions, BootstrapSpec bootstrap) {
        throw new UnsupportedOperationException(bootstrap.toString());
    }
}
