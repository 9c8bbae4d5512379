package org.fissionfusion.core.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

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
     * @param p two-sided bootstrap p value: twice the smaller share of resamples at or beyond no difference
     * @param holm p after Holm's correction over all comparisons made together
     */
    public record Comparison(
            String strategy, String baseline, double delta, double low, double high, double p, double holm) {}

    /** A metric on the images and on every resample of them. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Resampled(double value, double[] resamples) {}

    /**
     * Every strategy against every baseline, in the order of {@code strategies}, then of {@code baselines}; a pair of
     * baselines once. Pairs for which the metric is undefined are absent.
     *
     * @param strategies predictions of the same images, by name, in the order wanted
     * @param baselines names among the strategies
     * @throws IllegalArgumentException when a baseline is unknown or strategies differ in classes, labels or groups
     */
    public static List<Comparison> compare(
            Map<String, Predictions> strategies, Metric metric, BootstrapSpec bootstrap, List<String> baselines) {
        for (String baseline : baselines) {
            if (!strategies.containsKey(baseline)) {
                throw new IllegalArgumentException(
                        "baselines: '" + baseline + "' is none of the strategies " + strategies.keySet());
            }
        }
        Map<String, Resampled> measured = measure(strategies, metric, bootstrap);
        List<Comparison> comparisons = new ArrayList<>();
        List<String> done = new ArrayList<>();
        for (String strategy : measured.keySet()) {
            for (String baseline : baselines) {
                boolean again = done.contains(baseline) && baselines.contains(strategy);
                if (measured.containsKey(baseline) && !strategy.equals(baseline) && !again) {
                    comparisons.add(between(strategy, measured.get(strategy), baseline, measured.get(baseline)));
                }
            }
            done.add(strategy);
        }
        return corrected(comparisons);
    }

    /**
     * The one-sided p value for "the candidate is better": the share of resamples on which it is not, NaN where the
     * metric is undefined for either.
     *
     * @param metric one where higher is better
     * @throws IllegalArgumentException when the two differ in classes, labels or groups
     */
    public static double oneSided(Predictions candidate, Predictions baseline, Metric metric, BootstrapSpec bootstrap) {
        Map<String, Predictions> both = new LinkedHashMap<>();
        both.put("the soup so far", baseline);
        both.put("the candidate", candidate);
        Map<String, Resampled> measured = measure(both, metric, bootstrap);
        if (measured.size() < 2) {
            return Double.NaN;
        }
        double[] deltas = deltas(measured.get("the candidate"), measured.get("the soup so far"));
        return shareOf(deltas, delta -> delta <= 0);
    }

    private static Map<String, Resampled> measure(
            Map<String, Predictions> strategies, Metric metric, BootstrapSpec bootstrap) {
        Map<String, Resampled> measured = new LinkedHashMap<>();
        Predictions first = null;
        for (Map.Entry<String, Predictions> entry : strategies.entrySet()) {
            Predictions predictions = entry.getValue();
            first = first == null ? predictions : first;
            requireSameImages(entry.getKey(), first, predictions);
            Measurement measurement = Measurement.of(predictions);
            double value = measurement.measure(metric, Scoring.once(predictions));
            if (Double.isNaN(value)) {
                continue;
            }
            Resampling resampling = new Resampling(predictions.groups(), bootstrap.seed());
            double[] resamples = new double[bootstrap.resamples()];
            for (int r = 0; r < resamples.length; r++) {
                resamples[r] = measurement.measure(metric, resampling.next());
            }
            measured.put(entry.getKey(), new Resampled(value, resamples));
        }
        return measured;
    }

    private static void requireSameImages(String name, Predictions first, Predictions other) {
        if (first.classes() != other.classes()
                || !first.findings().equals(other.findings())
                || !Arrays.equals(first.labels(), other.labels())
                || !Arrays.equals(first.groups(), other.groups())) {
            throw new IllegalArgumentException("strategies: '" + name + "' was not predicted on the same images");
        }
    }

    private static Comparison between(String strategy, Resampled a, String baseline, Resampled b) {
        double[] deltas = deltas(a, b);
        Interval interval = Percentiles.interval(a.value() - b.value(), deltas);
        double p = Math.min(1, 2 * Math.min(shareOf(deltas, d -> d <= 0), shareOf(deltas, d -> d >= 0)));
        return new Comparison(strategy, baseline, interval.value(), interval.low(), interval.high(), p, p);
    }

    private static double[] deltas(Resampled a, Resampled b) {
        double[] deltas = new double[a.resamples().length];
        for (int r = 0; r < deltas.length; r++) {
            deltas[r] = a.resamples()[r] - b.resamples()[r];
        }
        return deltas;
    }

    /** The share among the defined, the sample itself counted as one, so that no p is 0. */
    private static double shareOf(double[] deltas, DoublePredicate wanted) {
        double all = DoubleStream.of(deltas).filter(d -> !Double.isNaN(d)).count() + 1.0;
        return (DoubleStream.of(deltas).filter(wanted).count() + 1.0) / all;
    }

    private static List<Comparison> corrected(List<Comparison> comparisons) {
        List<Integer> ascending = IntStream.range(0, comparisons.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> comparisons.get(i).p()))
                .toList();
        List<Comparison> corrected = new ArrayList<>(comparisons);
        double least = 0;
        for (int rank = 0; rank < ascending.size(); rank++) {
            Comparison c = comparisons.get(ascending.get(rank));
            least = Math.max(least, Math.min(1, (comparisons.size() - rank) * c.p()));
            corrected.set(
                    ascending.get(rank),
                    new Comparison(c.strategy(), c.baseline(), c.delta(), c.low(), c.high(), c.p(), least));
        }
        return List.copyOf(corrected);
    }
}
