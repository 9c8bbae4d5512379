package org.fissionfusion.core.experiment;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.metric.Scorecard.FindingScore;
import org.fissionfusion.core.request.StoredFile;

/**
 * All metrics of one model on one split, by wire name; an undefined metric is absent.
 *
 * @param findings of a multilabel set, in their order; empty for classes
 */
public record SplitScore(
        String split,
        Map<String, Interval> metrics,
        double loss,
        long images,
        List<Double> perClassRecall,
        List<Long> support,
        List<Long> confusion,
        StoredFile predictions,
        List<FindingScore> findings) {
    public SplitScore {
        findings = List.copyOf(findings);
        // sorted: a copy by Map.copyOf is ordered differently in every process, and result documents print it
        metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
        perClassRecall = List.copyOf(perClassRecall);
        support = List.copyOf(support);
        confusion = List.copyOf(confusion);
    }

    /** The scores of images of one class each. */
    public SplitScore(
            String split,
            Map<String, Interval> metrics,
            double loss,
            long images,
            List<Double> perClassRecall,
            List<Long> support,
            List<Long> confusion,
            StoredFile predictions) {
        this(split, metrics, loss, images, perClassRecall, support, confusion, predictions, List.of());
    }

    /** The metric's value, or NaN where it is undefined. */
    public double value(String metric) {
        Interval interval = metrics.get(metric);
        return interval == null ? Double.NaN : interval.value();
    }
}
