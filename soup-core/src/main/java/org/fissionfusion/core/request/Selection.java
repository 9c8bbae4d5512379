package org.fissionfusion.core.request;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;
import org.fissionfusion.core.metric.Metric;

/**
 * How models are ranked and soups accept (method.md section 2).
 *
 * @param reestimateBatchNorm true: every soup of several ingredients is also scored with BatchNorm statistics estimated
 *     anew on training data, and the better one is served
 */
public record Selection(
        Metric metric,
        Acceptance acceptance,
        boolean paperRanking,
        SealedScoring sealedCheckpointScores,
        int bootstrapResamples,
        long bootstrapSeed,
        boolean reestimateBatchNorm) {

    /** When greedy souping takes a candidate. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "rule")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Strict.class, name = "strict"),
        @JsonSubTypes.Type(value = Margin.class, name = "margin"),
        @JsonSubTypes.Type(value = PairedBootstrap.class, name = "paired-bootstrap")
    })
    public sealed interface Acceptance {}

    /** Score strictly above the soup's (the paper's rule). */
    public record Strict() implements Acceptance {}

    /** Score above the soup's by more than {@code delta}. */
    public record Margin(double delta) implements Acceptance {}

    /** The paired bootstrap says with a one-sided p below {@code level} that the soup gains by the candidate. */
    public record PairedBootstrap(double level) implements Acceptance {}

    /** Which checkpoints are scored on test and out-of-domain sets once the selection is closed. */
    public enum SealedScoring {
        ALL("all"),
        BEST_FIVE("best-five"),
        NONE("none");

        private final String wireName;

        SealedScoring(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests. */
        public String wireName() {
            return wireName;
        }
    }

    /** True when a tasting must also be compared, image by image, with the soup so far. */
    public boolean comparesTastings() {
        return switch (acceptance) {
            case Strict _, Margin _ -> false;
            case PairedBootstrap _ -> true;
        };
    }

    /**
     * True when {@code candidate} is accepted by a soup of score {@code best}.
     *
     * @param p of the comparison with the soup so far, where {@link #comparesTastings} asks for it and it is defined
     */
    public boolean accepts(double candidate, double best, Optional<Double> p) {
        return switch (acceptance) {
            case Strict _ -> candidate > best;
            case Margin(double delta) -> candidate > best + delta;
            case PairedBootstrap(double level) -> p.isPresent() && p.get() < level;
        };
    }
}
