package org.fissionfusion.core.metric;

/**
 * A value with its percentile bootstrap 95 % interval.
 *
 * @param value on the sample itself
 * @param low 2.5th percentile of the resamples
 * @param high 97.5th percentile of the resamples
 */
public record Interval(double value, double low, double high) {}
