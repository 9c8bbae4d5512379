package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.request.StoredFile;

/**
 * What an evaluation task answered.
 *
 * @param p one-sided p of a tasting against the soup so far, where it was asked for and is defined
 */
public record EvaluationSummary(
        String weightsDigest,
        List<SplitScore> scores,
        Optional<Double> p,
        Optional<StoredFile> file,
        Optional<StoredFile> document,
        double seconds,
        long images) {
    public EvaluationSummary {
        scores = List.copyOf(scores);
    }
}
