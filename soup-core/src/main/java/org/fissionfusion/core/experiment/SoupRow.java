package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.core.request.Strategy.Method;

/**
 * One soup, local or global, of any method.
 *
 * <pre>
 * GATHERING ─▶ TASTING ─▶ PERSISTING ─▶ BLENDED ─▶ SERVED
 *     └───────────┴────────────┴───────────┴─────▶ SPOILED (reason)
 * </pre>
 *
 * @param file of the soup that is served; until the selection is closed, of the plain mean
 * @param reestimation what became of it with other BatchNorm statistics, where the request asks for that
 */
public record SoupRow(
        String id,
        String strategy,
        boolean global,
        Map<String, String> group,
        Method method,
        List<String> expected,
        Status status,
        String reason,
        List<Tasting> tastings,
        Optional<Recipe> recipe,
        Optional<StoredFile> file,
        String weightsDigest,
        List<SplitScore> scores,
        Optional<StoredFile> document,
        Optional<Reestimation> reestimation) {
    public SoupRow {
        group = java.util.Collections.unmodifiableMap(new TreeMap<>(group));
        expected = List.copyOf(expected);
        tastings = List.copyOf(tastings);
        scores = List.copyOf(scores);
    }

    /** Where a soup stands. */
    public enum Status {
        GATHERING,
        TASTING,
        PERSISTING,
        BLENDED,
        SERVED,
        SPOILED
    }

    /**
     * The verdict over one ingredient.
     *
     * @param score of the soup with it, absent where the method does not taste
     * @param p of the comparison with the soup so far, where the acceptance rule asks for it
     */
    public record Tasting(String id, Optional<Double> score, Optional<Double> p, boolean accepted) {
        static Tasting untried(String id) {
            return new Tasting(id, Optional.empty(), Optional.empty(), true);
        }

        static Tasting alone(String id, double score, boolean accepted) {
            return new Tasting(id, Optional.of(score), Optional.empty(), accepted);
        }
    }

    static SoupRow gathering(
            String id,
            String strategy,
            boolean global,
            Map<String, String> group,
            Method method,
            List<String> expected) {
        return new SoupRow(
                id,
                strategy,
                global,
                group,
                method,
                expected,
                Status.GATHERING,
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                "",
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    SoupRow tasting(List<Tasting> soFar) {
        return with(Status.TASTING, "", soFar, Optional.empty(), Optional.empty(), "", scores, document);
    }

    SoupRow chosen(List<Tasting> verdicts, Recipe chosen, String digest, List<SplitScore> validation) {
        return with(
                Status.PERSISTING, "", verdicts, Optional.of(chosen), Optional.empty(), digest, validation, document);
    }

    SoupRow blended(StoredFile written, String digest) {
        return with(Status.BLENDED, "", tastings, recipe, Optional.of(written), digest, scores, document);
    }

    SoupRow served(List<SplitScore> sealedScores, Optional<StoredFile> written) {
        List<SplitScore> all = new java.util.ArrayList<>(scores);
        all.addAll(sealedScores);
        return with(Status.SERVED, "", tastings, recipe, file, weightsDigest, all, written);
    }

    SoupRow spoiled(String why) {
        return with(Status.SPOILED, why, tastings, recipe, file, weightsDigest, scores, document);
    }

    private SoupRow with(
            Status status,
            String reason,
            List<Tasting> tastings,
            Optional<Recipe> recipe,
            Optional<StoredFile> file,
            String weightsDigest,
            List<SplitScore> scores,
            Optional<StoredFile> document) {
        return new SoupRow(
                id,
                strategy,
                global,
                group,
                method,
                expected,
                status,
                reason,
                tastings,
                recipe,
                file,
                weightsDigest,
                scores,
                document,
                reestimation);
    }

    SoupRow reestimating() {
        return with(Reestimation.of(new Reestimation.Variant(file.orElseThrow(), weightsDigest, scores)));
    }

    SoupRow with(Reestimation moved) {
        return new SoupRow(
                id,
                strategy,
                global,
                group,
                method,
                expected,
                status,
                reason,
                tastings,
                recipe,
                file,
                weightsDigest,
                scores,
                document,
                Optional.of(moved));
    }

    /** True when the form with other BatchNorm statistics is the one to serve. */
    public boolean servesReestimated() {
        return reestimation
                .filter(it -> it.status() == Reestimation.Status.BETTER)
                .isPresent();
    }

    /** In the form that is served, once it is known that all soups above took what they wanted of the plain one. */
    SoupRow selected() {
        if (!servesReestimated()) {
            return this;
        }
        Reestimation.Variant better = reestimation.orElseThrow().variant().orElseThrow();
        return with(
                status,
                reason,
                tastings,
                recipe,
                Optional.of(better.file()),
                better.weightsDigest(),
                better.scores(),
                document);
    }

    /** True once it can be offered to its parent, or never will be. */
    public boolean settled() {
        return status == Status.BLENDED || status == Status.SERVED || status == Status.SPOILED;
    }

    /** The score on this split, once known. */
    public Optional<SplitScore> score(String split) {
        return scores.stream().filter(score -> score.split().equals(split)).findFirst();
    }
}
