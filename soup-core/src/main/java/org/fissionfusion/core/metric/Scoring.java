package org.fissionfusion.core.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Measures predictions by every metric. */
public final class Scoring {

    private Scoring() {}

    /** All metrics with their percentile bootstrap intervals by group. */
    public static Scorecard score(Predictions predictions, BootstrapSpec bootstrap) {
        Measurement measurement = new Measurement(predictions);
        int[] once = once(predictions);
        Map<Metric, Double> values = measurement.measureAll(once);
        Confusion confusion = measurement.confusion();
        List<Double> recalls = IntStream.range(0, predictions.classes())
                .mapToObj(confusion::recall)
                .toList();
        List<Long> support = LongStream.of(confusion.support()).boxed().toList();
        List<Long> counts = LongStream.of(confusion.counts()).boxed().toList();

        Map<Metric, double[]> resampled = resample(measurement, predictions, bootstrap);
        Map<Metric, Interval> metrics = new EnumMap<>(Metric.class);
        values.forEach((metric, value) -> {
            if (!Double.isNaN(value)) {
                metrics.put(metric, Percentiles.interval(value, resampled.get(metric)));
            }
        });
        return new Scorecard(
                Collections.unmodifiableMap(metrics),
                measurement.loss(),
                predictions.images(),
                recalls,
                support,
                counts,
                measurement.classesWithoutAuroc(once));
    }

    private static Map<Metric, double[]> resample(
            Measurement measurement, Predictions predictions, BootstrapSpec bootstrap) {
        Map<Metric, double[]> resampled = new EnumMap<>(Metric.class);
        for (Metric metric : Metric.values()) {
            resampled.put(metric, new double[bootstrap.resamples()]);
        }
        Resampling resampling = new Resampling(predictions.groups(), bootstrap.seed());
        for (int r = 0; r < bootstrap.resamples(); r++) {
            for (Map.Entry<Metric, Double> value :
                    measurement.measureAll(resampling.next()).entrySet()) {
                resampled.get(value.getKey())[r] = value.getValue();
            }
        }
        return resampled;
    }

    /** Weights that count every image once. */
    static int[] once(Predictions predictions) {
        int[] once = new int[predictions.images()];
        Arrays.fill(once, 1);
        return once;
    }
}
