package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.request.StoredFile;

/**
 * A soup whose BatchNorm statistics were estimated anew on training data, beside the plain mean of its ingredients
 * (method.md section 2, buffers).
 *
 * <pre>
 * ESTIMATING ─▶ SCORING ─▶ WORSE (the plain soup is served)
 *     │            ├─▶ WRITING ─▶ BETTER (this one is served)
 *     └────────────┴──────┴─▶ LOST (reason; the plain soup is served)
 * </pre>
 *
 * @param reason why it is lost, empty unless it is
 * @param plain the soup as it was selected, with its validation scores
 * @param variant the same weights with other running means and variances, once the trainer has saved it
 */
public record Reestimation(Status status, String reason, Variant plain, Optional<Variant> variant) {

    /** Where it stands. */
    public enum Status {
        ESTIMATING,
        SCORING,
        WRITING,
        BETTER,
        WORSE,
        LOST
    }

    /**
     * One of the two soups.
     *
     * @param scores on validation, as far as they are known
     */
    public record Variant(StoredFile file, String weightsDigest, List<SplitScore> scores) {
        public Variant {
            scores = List.copyOf(scores);
        }
    }

    static Reestimation of(Variant plain) {
        return new Reestimation(Status.ESTIMATING, "", plain, Optional.empty());
    }

    Reestimation saved(StoredFile file, String weightsDigest) {
        return new Reestimation(Status.SCORING, "", plain, Optional.of(new Variant(file, weightsDigest, List.of())));
    }

    /** @param better than the plain soup */
    Reestimation scored(List<SplitScore> scores, boolean better) {
        Variant before = variant.orElseThrow();
        return new Reestimation(
                better ? Status.WRITING : Status.WORSE,
                "",
                plain,
                Optional.of(new Variant(before.file(), before.weightsDigest(), scores)));
    }

    Reestimation written(StoredFile file) {
        Variant before = variant.orElseThrow();
        return new Reestimation(
                Status.BETTER, "", plain, Optional.of(new Variant(file, before.weightsDigest(), before.scores())));
    }

    Reestimation lost(String why) {
        return new Reestimation(Status.LOST, why, plain, variant);
    }

    /** True once it is known which of the two is served. */
    public boolean settled() {
        return status == Status.BETTER || status == Status.WORSE || status == Status.LOST;
    }
}
