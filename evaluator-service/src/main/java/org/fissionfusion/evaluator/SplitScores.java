package org.fissionfusion.evaluator;

import java.util.LinkedHashMap;
import java.util.Map;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.Scorecard;
import org.fissionfusion.events.FindingScore;
import org.fissionfusion.events.Interval;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.runtime.TaskRefused;

/** Measurements of the domain as events, and names of events as metrics. */
final class SplitScores {
    private SplitScores() {}

    /** A metric whose value is no finite number is left out, like one that is undefined. */
    static SplitScore of(String split, Scorecard card, StoredFile predictions) {
        Map<String, Interval> metrics = new LinkedHashMap<>();
        card.metrics().forEach((metric, interval) -> {
            if (Double.isFinite(interval.value())) {
                metrics.put(metric.wireName(), new Interval(interval.value(), interval.low(), interval.high()));
            }
        });
        return new SplitScore(
                split,
                metrics,
                card.loss(),
                card.images(),
                card.perClassRecall(),
                card.support(),
                card.confusion(),
                predictions,
                card.findings().stream().map(SplitScores::finding).toList());
    }

    private static FindingScore finding(Scorecard.FindingScore score) {
        return new FindingScore(
                score.finding(),
                score.positives(),
                score.negatives(),
                score.auroc()
                        .map(auroc -> new Interval(auroc.value(), auroc.low(), auroc.high()))
                        .orElse(null));
    }

    /** The metric an event names. */
    static Metric metric(MetricName name) {
        return switch (name) {
            case ACCURACY -> Metric.ACCURACY;
            case MACRO_F1 -> Metric.MACRO_F1;
            case MACRO_RECALL -> Metric.MACRO_RECALL;
            case QUADRATIC_KAPPA -> Metric.QUADRATIC_KAPPA;
            case AUROC -> Metric.AUROC;
            case COMPETITION_AUROC -> Metric.COMPETITION_AUROC;
            case FREQUENT_AUROC -> Metric.FREQUENT_AUROC;
            case UNKNOWN ->
                throw new TaskRefused(
                        "metric: unknown to this evaluator; allowed are accuracy, macro-f1, macro-recall, quadratic-kappa, auroc, competition-auroc, frequent-auroc");
        };
    }
}
