package org.fissionfusion.core.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Measures predictions by every metric. */
public final class Scoring {

    private Scoring() {}

    /** All metrics with their percentile bootstrap intervals by group. */
    public static Scorecard score(Predictions predictions, BootstrapSpec bootstrap) {
        return switch (Measurement.of(predictions)) {
            case ClassMeasurement measurement -> score(predictions, measurement, bootstrap);
            case FindingsMeasurement measurement -> score(predictions, measurement, bootstrap);
        };
    }

    private static Scorecard score(Predictions predictions, FindingsMeasurement measurement, BootstrapSpec bootstrap) {
        int[] once = once(predictions);
        int findings = predictions.classes();
        double[] aurocs = measurement.aurocs(once);
        Map<Metric, Double> values = measurement.measureAll(once, aurocs);
        Map<Metric, double[]> resampled = new EnumMap<>(Metric.class);
        values.keySet().forEach(metric -> resampled.put(metric, new double[bootstrap.resamples()]));
        double[][] resampledAurocs = new double[findings][bootstrap.resamples()];
        Resampling resampling = new Resampling(predictions.groups(), bootstrap.seed());
        for (int r = 0; r < bootstrap.resamples(); r++) {
            int[] weights = resampling.next();
            double[] each = measurement.aurocs(weights);
            for (int f = 0; f < findings; f++) {
                resampledAurocs[f][r] = each[f];
            }
            for (Map.Entry<Metric, Double> value :
                    measurement.measureAll(weights, each).entrySet()) {
                resampled.get(value.getKey())[r] = value.getValue();
            }
        }
        List<Scorecard.FindingScore> scores = IntStream.range(0, findings)
                .mapToObj(f -> new Scorecard.FindingScore(
                        predictions.findings().get(f),
                        measurement.positives(f),
                        measurement.negatives(f),
                        Double.isNaN(aurocs[f])
                                ? Optional.empty()
                                : Optional.of(Percentiles.interval(aurocs[f], resampledAurocs[f]))))
                .toList();
        return new Scorecard(
                intervals(values, resampled),
                measurement.loss(),
                predictions.images(),
                List.of(),
                scores.stream().map(Scorecard.FindingScore::positives).toList(),
                List.of(),
                IntStream.range(0, findings)
                        .filter(f -> Double.isNaN(aurocs[f]))
                        .boxed()
                        .toList(),
                scores);
    }

    private static Scorecard score(Predictions predictions, ClassMeasurement measurement, BootstrapSpec bootstrap) {
        int[] once = once(predictions);
        Map<Metric, Double> values = measurement.measureAll(once);
        Confusion confusion = measurement.confusion();
        List<Double> recalls = IntStream.range(0, predictions.classes())
                .mapToObj(confusion::recall)
                .toList();
        List<Long> support = LongStream.of(confusion.support()).boxed().toList();
        List<Long> counts = LongStream.of(confusion.counts()).boxed().toList();

        Map<Metric, double[]> resampled = resample(measurement, predictions, bootstrap);
        return new Scorecard(
                intervals(values, resampled),
                measurement.loss(),
                predictions.images(),
                recalls,
                support,
                counts,
                measurement.classesWithoutAuroc(once),
                List.of());
    }

    private static Map<Metric, Interval> intervals(Map<Metric, Double> values, Map<Metric, double[]> resampled) {
        Map<Metric, Interval> metrics = new EnumMap<>(Metric.class);
        values.forEach((metric, value) -> {
            if (!Double.isNaN(value)) {
                metrics.put(metric, Percentiles.interval(value, resampled.get(metric)));
            }
        });
        return Collections.unmodifiableMap(metrics);
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
