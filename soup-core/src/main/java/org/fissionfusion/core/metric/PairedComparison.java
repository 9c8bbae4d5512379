package org.fissionfusion.core.metric;

import java.util.List;
import java.util.Map;

/** Compares strategies on the same resamples of the same images. */
public final class PairedComparison {

    private PairedComparison() {}

    /**
     * One strategy against one baseline.
     *
     * @param strategy name of the strategy
     * @param baseline name of the baseline
     * @param delta metric of the strategy minus metric of the baseline
     * @param low 2.5th percentile of the resampled delta
     * @param high 97.5th percentile of the resampled delta
     * @param p two-sided bootstrap p value
     * @param holm p after Holm's correction over all comparisons made together
     */
    public record Comparison(
            String strategy, String baseline, double delta, double low, double high, double p, double holm) {}

    /**
     * Every strategy against every baseline, in the order of {@code strategies}, then of {@code baselines}; a pair of
     * baselines once. Pairs for which the metric is undefined are absent.
     *
     * @param strategies predictions of the same images, by name, in the order wanted
     * @param baselines names among the strategies
     */
    public static List<Comparison> compare(
            Map<String, Predictions> strategies, Metric metric, BootstrapSpec bootstrap, List<String> baselines) {
        throw new UnsupportedOperationException(metric.toString());
    }
}
