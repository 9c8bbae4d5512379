package org.fissionfusion.core.request;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** A fully resolved request: presets expanded, files named by digest. Its identity is {@link RequestDigest}. */
public record ExperimentRequest(
        String experimentId,
        ModelSpec model,
        DataSpec data,
        Selection selection,
        Training training,
        Leakage leakage,
        List<Strategy> strategies,
        OptionalDouble maxGpuSeconds) {
    /** The label of validation scores that are too good to be true. */
    public static final String OPTIMISTIC = "optimistic: selected on this set";

    public ExperimentRequest {
        strategies = List.copyOf(strategies);
    }

    /**
     * What must be said of a soup's validation score (method.md section 2), if anything: that this set had a part in
     * choosing the soup's ingredients, the form of it that is served, or the epochs of its models.
     *
     * @param strategy the soup's
     * @param groupedBy wire names of the keys of the soup's group; empty for a global soup
     */
    public Optional<String> validationLabel(String strategy, Set<String> groupedBy) {
        List<Strategy.Level> levels = strategies.stream()
                .filter(one -> one.name().equals(strategy))
                .flatMap(one -> one.levels().stream())
                .toList();
        boolean chosen = levels.stream()
                // levels narrow upwards: those below this soup group by more
                .filter(level -> level.groupBy().size() >= groupedBy.size())
                .anyMatch(level -> level.method() != Strategy.Method.UNIFORM);
        return chosen || selection.reestimateBatchNorm() || data.stopping().isEmpty()
                ? Optional.of(OPTIMISTIC)
                : Optional.empty();
    }

    /** True for what can be the id of an experiment. */
    public static boolean isId(String text) {
        return text.matches(RequestRules.ID);
    }

    /** SHA-256 over the resolved content, lower-case hexadecimal. */
    public String digest() {
        return RequestDigest.of(this);
    }
}
