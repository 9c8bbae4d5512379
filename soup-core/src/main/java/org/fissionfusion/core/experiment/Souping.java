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

    /**
     * A recipe to be scored.
     *
     * @param over the soup so far, where the acceptance rule compares the recipe with it
     */
    record Trial(Recipe recipe, Optional<Recipe> over) {}

    /** The selection score of a trial, NaN where it is undefined, and the p of its comparison. */
    record Tasted(double score, Optional<Double> p) {}

    /** How far a soup is. */
    sealed interface Progress {}

    /** This trial must be scored to go on. */
    record NeedsScore(Trial trial, List<Tasting> soFar) implements Progress {}

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
     * @param scoreOf what validation says of a trial, once known
     */
    static Progress run(
            Method method, List<Offered> ranked, Selection selection, Function<Trial, Optional<Tasted>> scoreOf) {
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
            tastings.add(Tasting.alone(one.ingredient().id(), one.score(), tastings.isEmpty()));
        }
        return new Decided(new Recipe(List.of(ranked.getFirst().ingredient())), tastings);
    }

    private static Progress uniform(List<Offered> ranked, Function<Trial, Optional<Tasted>> scoreOf) {
        Recipe recipe = new Recipe(ranked.stream().map(Offered::ingredient).toList());
        Trial trial = new Trial(recipe, Optional.empty());
        List<Tasting> tastings = ranked.stream()
                .map(one -> Tasting.untried(one.ingredient().id()))
                .toList();
        return scoreOf.apply(trial).isEmpty() ? new NeedsScore(trial, List.of()) : new Decided(recipe, tastings);
    }

    private static Progress greedy(
            List<Offered> ranked, Selection selection, Function<Trial, Optional<Tasted>> scoreOf) {
        List<Ingredient> soup = new ArrayList<>(List.of(ranked.getFirst().ingredient()));
        double best = ranked.getFirst().score();
        List<Tasting> tastings = new ArrayList<>();
        tastings.add(Tasting.alone(soup.getFirst().id(), best, true));
        for (Offered candidate : ranked.subList(1, ranked.size())) {
            List<Ingredient> with = new ArrayList<>(soup);
            with.add(candidate.ingredient());
            Optional<Recipe> over = selection.comparesTastings() ? Optional.of(new Recipe(soup)) : Optional.empty();
            Trial trial = new Trial(new Recipe(with), over);
            Optional<Tasted> tasted = scoreOf.apply(trial);
            if (tasted.isEmpty()) {
                return new NeedsScore(trial, tastings);
            }
            double score = tasted.get().score();
            boolean accepted = selection.accepts(score, best, tasted.get().p());
            tastings.add(new Tasting(
                    candidate.ingredient().id(),
                    Optional.of(score),
                    tasted.get().p(),
                    accepted));
            if (accepted) {
                soup.add(candidate.ingredient());
                best = score;
            }
        }
        return new Decided(new Recipe(soup), tastings);
    }
}
