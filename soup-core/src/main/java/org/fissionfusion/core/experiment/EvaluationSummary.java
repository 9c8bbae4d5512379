package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.request.StoredFile;

/** What an evaluation task answered. */
public record EvaluationSummary(
        String weightsDigest,
        List<SplitScore> scores,
        Optional<StoredFile> file,
        Optional<StoredFile> document,
        double seconds,
        long images) {
    public EvaluationSummary {
        scores = List.copyOf(scores);
    }
}
