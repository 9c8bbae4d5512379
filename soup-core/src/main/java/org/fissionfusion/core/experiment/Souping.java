package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.fissionfusion.core.experiment.SoupRow.Tasting;
import org.fissionfusion.core.request.Selection;
import org.fissionfusion.core.request.Strategy.Method;

/** Selection as a pure function of what has been scored (method.md section 2). */
final class Souping {
    private Souping() {}

    /** An ingredient with its validation score and loss. */
    record Offered(Ingredient ingredient, double score, double loss) {}

    /** How far a soup is. */
    sealed interface Progress {}

    /** The score of this recipe must be known to go on. */
    record NeedsScore(Recipe recipe, List<Tasting> soFar) implements Progress {}

    /** The soup is decided; its recipe's score is known. */
    record Decided(Recipe recipe, List<Tasting> tastings) implements Progress {}

    /** No ingredient is left. */
    record Empty() implements Progress {}

    /** Score descending, then lower loss (not in the paper's ranking), then id: arrival never matters. */
    static List<Offered> ranked(List<Offered> offered, Selection selection) {
        Comparator<Offered> order = Comparator.comparingDouble(Offered::score).reversed();
        if (!selection.paperRanking()) {
            order = order.thenComparingDouble(Offered::loss);
        }
        return offered.stream()
                .filter(one -> Double.isFinite(one.score()))
                .sorted(order.thenComparing(one -> one.ingredient().id()))
                .toList();
    }

    /**
     * Runs the method as far as known scores allow.
     *
     * @param scoreOf the selection score of a recipe on validation, once known; NaN where it is undefined
     */
    static Progress run(
            Method method, List<Offered> ranked, Selection selection, Function<Recipe, Optional<Double>> scoreOf) {
        if (ranked.isEmpty()) {
            return new Empty();
        }
        return switch (method) {
            case BEST -> best(ranked);
            case UNIFORM -> uniform(ranked, scoreOf);
            case GREEDY -> greedy(ranked, selection, scoreOf);
        };
    }

    private static Progress best(List<Offered> ranked) {
        List<Tasting> tastings = new ArrayList<>();
        for (Offered one : ranked) {
            tastings.add(new Tasting(one.ingredient().id(), Optional.of(one.score()), tastings.isEmpty()));
        }
        return new Decided(new Recipe(List.of(ranked.getFirst().ingredient())), tastings);
    }

    private static Progress uniform(List<Offered> ranked, Function<Recipe, Optional<Double>> scoreOf) {
        Recipe recipe = new Recipe(ranked.stream().map(Offered::ingredient).toList());
        List<Tasting> tastings = ranked.stream()
                .map(one -> new Tasting(one.ingredient().id(), Optional.empty(), true))
                .toList();
        return scoreOf.apply(recipe).isEmpty() ? new NeedsScore(recipe, List.of()) : new Decided(recipe, tastings);
    }

    private static Progress greedy(
            List<Offered> ranked, Selection selection, Function<Recipe, Optional<Double>> scoreOf) {
        List<Ingredient> soup = new ArrayList<>(List.of(ranked.getFirst().ingredient()));
        double best = ranked.getFirst().score();
        List<Tasting> tastings = new ArrayList<>();
        tastings.add(new Tasting(soup.getFirst().id(), Optional.of(best), true));
        for (Offered candidate : ranked.subList(1, ranked.size())) {
            List<Ingredient> with = new ArrayList<>(soup);
            with.add(candidate.ingredient());
            Recipe recipe = new Recipe(with);
            Optional<Double> score = scoreOf.apply(recipe);
            if (score.isEmpty()) {
                return new NeedsScore(recipe, tastings);
            }
            boolean accepted = selection.accepts(score.get(), best);
            tastings.add(new Tasting(candidate.ingredient().id(), score, accepted));
            if (accepted) {
                soup.add(candidate.ingredient());
                best = score.get();
            }
        }
        return new Decided(new Recipe(soup), tastings);
    }
}
