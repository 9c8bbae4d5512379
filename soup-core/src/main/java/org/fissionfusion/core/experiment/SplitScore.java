package org.fissionfusion.core.experiment;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.request.StoredFile;

/** All metrics of one model on one split, by wire name; an undefined metric is absent. */
public record SplitScore(
        String split,
        Map<String, Interval> metrics,
        double loss,
        long images,
        List<Double> perClassRecall,
        List<Long> support,
        List<Long> confusion,
        StoredFile predictions) {
    public SplitScore {
        // sorted: a copy by Map.copyOf is ordered differently in every process, and result documents print it
        metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
        perClassRecall = List.copyOf(perClassRecall);
        support = List.copyOf(support);
        confusion = List.copyOf(confusion);
    }

    /** The metric's value, or NaN where it is undefined. */
    public double value(String metric) {
        Interval interval = metrics.get(metric);
        return interval == null ? Double.NaN : interval.value();
    }
}
