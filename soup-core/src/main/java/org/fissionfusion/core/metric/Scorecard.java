package org.fissionfusion.core.metric;

import java.util.List;
import java.util.Map;

/**
 * All measurements of one model on one split.
 *
 * @param metrics in the order of {@link Metric}; an undefined metric is absent
 * @param loss mean cross-entropy per sample; NaN when a probability is no finite number
 * @param images number of samples
 * @param perClassRecall by class, 0 for a class without support
 * @param support images by true class
 * @param confusion row-major counts, truth × prediction
 * @param classesWithoutAuroc classes left out of the AUROC because none or all of the images are of them
 */
public record Scorecard(
        Map<Metric, Interval> metrics,
        double loss,
        long images,
        List<Double> perClassRecall,
        List<Long> support,
        List<Long> confusion,
        List<Integer> classesWithoutAuroc) {}
