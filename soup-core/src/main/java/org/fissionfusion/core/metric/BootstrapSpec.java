package org.fissionfusion.core.metric;

/**
 * How the bootstrap is done.
 *
 * @param resamples number of resamples; 0 makes intervals collapse to their value
 * @param seed the same seed over the same groups draws the same resamples
 */
public record BootstrapSpec(int resamples, long seed) {

    public BootstrapSpec {
        if (resamples < 0) {
            throw new IllegalArgumentException("resamples: " + resamples + " is less than 0");
        }
    }
}
