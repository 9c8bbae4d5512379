package org.fissionfusion.core.metric;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All measurements of one model on one split.
 *
 * @param metrics in the order of {@link Metric}; an undefined metric is absent
 * @param loss mean cross-entropy per sample, of findings the mean of each one's; NaN when a probability is no finite number
 * @param images number of samples
 * @param perClassRecall by class, 0 for a class without support; empty for findings
 * @param support images by true class or by finding that they show
 * @param confusion row-major counts, truth × prediction; empty for findings
 * @param classesWithoutAuroc classes or findings left out of the AUROC because none or all of the images are of them
 * @param findings of a multilabel set, in their order; empty for classes
 */
public record Scorecard(
        Map<Metric, Interval> metrics,
        double loss,
        long images,
        List<Double> perClassRecall,
        List<Long> support,
        List<Long> confusion,
        List<Integer> classesWithoutAuroc,
        List<FindingScore> findings) {

    /**
     * One finding of a multilabel set.
     *
     * @param auroc empty when all or none of the images of which it is known show it
     */
    public record FindingScore(String finding, long positives, long negatives, Optional<Interval> auroc) {}
}
