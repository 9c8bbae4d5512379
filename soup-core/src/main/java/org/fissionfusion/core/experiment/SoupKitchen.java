package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.StoredFile;

/** Moves every soup as far as what is known allows, local soups before the ones that take them. */
final class SoupKitchen {
    private static final String VALIDATION = "validation";

    private final ExperimentRequest request;
    private final Map<String, CheckpointRow> checkpoints;
    private final Map<String, SoupRow> soups;
    private final Map<String, TaskRow> tasks;

    SoupKitchen(
            ExperimentRequest request,
            Map<String, CheckpointRow> checkpoints,
            Map<String, SoupRow> soups,
            Map<String, TaskRow> tasks) {
        this.request = request;
        this.checkpoints = checkpoints;
        this.soups = soups;
        this.tasks = tasks;
    }

    /** Repeats until nothing moves, for a spoiled soup can release its parent in the same step. */
    void cook(Consumer<Work.Score> needScore, Consumer<SoupRow> needFile) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (SoupRow soup : List.copyOf(soups.values())) {
                if (open(soup) && expectedSettled(soup)) {
                    SoupRow next = advance(soup, needScore, needFile);
                    soups.put(soup.id(), next);
                    moved |= next.status() != soup.status();
                }
            }
        }
    }

    private boolean open(SoupRow soup) {
        return soup.status() == SoupRow.Status.GATHERING
                || soup.status() == SoupRow.Status.TASTING
                || (soup.status() == SoupRow.Status.PERSISTING && lostAnIngredient(soup));
    }

    private boolean lostAnIngredient(SoupRow soup) {
        return soup.recipe().stream()
                .flatMap(recipe -> recipe.ingredients().stream())
                .anyMatch(one -> isLost(one.id(), checkpoints, soups));
    }

    /** True of a lost checkpoint and of a spoiled soup; a soup with other BatchNorm statistics is neither. */
    static boolean isLost(String id, Map<String, CheckpointRow> checkpoints, Map<String, SoupRow> soups) {
        CheckpointRow checkpoint = checkpoints.get(id);
        SoupRow soup = soups.get(id);
        return checkpoint != null
                ? checkpoint.status() == CheckpointRow.Status.LOST
                : soup != null && soup.status() == SoupRow.Status.SPOILED;
    }

    private boolean expectedSettled(SoupRow soup) {
        return soup.expected().stream().allMatch(id -> {
            CheckpointRow checkpoint = checkpoints.get(id);
            return checkpoint != null ? checkpoint.settled() : soups.get(id).settled();
        });
    }

    private SoupRow advance(SoupRow soup, Consumer<Work.Score> needScore, Consumer<SoupRow> needFile) {
        List<Souping.Offered> ranked = Souping.ranked(offered(soup), request.selection());
        return switch (Souping.run(soup.method(), ranked, request.selection(), this::scoreOf)) {
            case Souping.Empty _ -> soup.spoiled("no ingredient is left: " + reasons(soup));
            case Souping.NeedsScore(Souping.Trial trial, List<SoupRow.Tasting> soFar) -> {
                needScore.accept(
                        new Work.Score(trial.recipe(), false, trial.over().map(this::predictions)));
                yield soup.tasting(soFar);
            }
            case Souping.Decided(Recipe recipe, List<SoupRow.Tasting> tastings) -> {
                Scored scored = scored(recipe).orElseThrow();
                if (!Double.isFinite(value(scored.scores()))) {
                    yield soup.spoiled("the soup has no finite validation score");
                }
                SoupRow chosen = soup.chosen(tastings, recipe, scored.weightsDigest(), scored.scores());
                needFile.accept(chosen);
                yield chosen;
            }
        };
    }

    private String reasons(SoupRow soup) {
        return String.join(
                "; ",
                soup.expected().stream()
                        .map(id -> {
                            CheckpointRow checkpoint = checkpoints.get(id);
                            String why = checkpoint != null
                                    ? checkpoint.reason()
                                    : soups.get(id).reason();
                            return id + " " + (why.isEmpty() ? "has no finite score" : why);
                        })
                        .toList());
    }

    private record Scored(String weightsDigest, List<SplitScore> scores) {}

    private Optional<EvaluationSummary> evaluated(Recipe recipe, boolean compared) {
        return Optional.ofNullable(tasks.get(Ids.scoring(request.experimentId(), recipe, compared)))
                .flatMap(TaskRow::evaluation);
    }

    /** The score of a recipe: tasted before, or that of its only ingredient. */
    private Optional<Scored> scored(Recipe recipe) {
        Optional<EvaluationSummary> tasted = evaluated(recipe, false).or(() -> evaluated(recipe, true));
        if (tasted.isPresent()) {
            return tasted.map(it -> new Scored(it.weightsDigest(), it.scores()));
        }
        if (recipe.divisor() > 1) {
            return Optional.empty();
        }
        Ingredient only = recipe.ingredients().getFirst();
        SoupRow soup = soups.get(only.id());
        return soup == null ? Optional.empty() : Optional.of(new Scored(soup.weightsDigest(), soup.scores()));
    }

    private Optional<Souping.Tasted> scoreOf(Souping.Trial trial) {
        return trial.over().isPresent()
                ? evaluated(trial.recipe(), true).map(it -> new Souping.Tasted(value(it.scores()), it.p()))
                : scored(trial.recipe()).map(it -> new Souping.Tasted(value(it.scores()), Optional.empty()));
    }

    private StoredFile predictions(Recipe soupSoFar) {
        return scored(soupSoFar).orElseThrow().scores().stream()
                .filter(score -> score.split().equals(VALIDATION))
                .findFirst()
                .orElseThrow()
                .predictions();
    }

    private double value(List<SplitScore> all) {
        return value(all, request);
    }

    /** The selection metric on validation, NaN where it is undefined. */
    static double value(List<SplitScore> all, ExperimentRequest request) {
        return all.stream()
                .filter(score -> score.split().equals(VALIDATION))
                .mapToDouble(score -> score.value(request.selection().metric().wireName()))
                .findFirst()
                .orElse(Double.NaN);
    }

    private List<Souping.Offered> offered(SoupRow soup) {
        List<Souping.Offered> all = new ArrayList<>();
        for (String id : soup.expected()) {
            CheckpointRow checkpoint = checkpoints.get(id);
            if (checkpoint != null) {
                offer(checkpoint, request).ifPresent(all::add);
            } else {
                SoupRow child = soups.get(id);
                if (child.status() == SoupRow.Status.BLENDED) {
                    Ingredient ingredient = new Ingredient(id, child.file().orElseThrow(), child.weightsDigest());
                    all.add(new Souping.Offered(ingredient, value(child.scores()), loss(child.scores())));
                }
            }
        }
        return all;
    }

    private static double loss(List<SplitScore> all) {
        return all.stream()
                .filter(score -> score.split().equals(VALIDATION))
                .mapToDouble(SplitScore::loss)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static Optional<Souping.Offered> offer(CheckpointRow checkpoint, ExperimentRequest request) {
        return checkpoint.status() != CheckpointRow.Status.SCORED
                ? Optional.empty()
                : checkpoint
                        .saved()
                        .map(saved -> new Souping.Offered(
                                new Ingredient(checkpoint.id(), saved.file(), saved.weightsDigest()),
                                value(checkpoint.scores(), request),
                                loss(checkpoint.scores())));
    }

    /** Scored checkpoints in ranking order. */
    static List<Souping.Offered> offered(List<CheckpointRow> checkpoints, ExperimentRequest request) {
        return Souping.ranked(
                checkpoints.stream()
                        .flatMap(row -> offer(row, request).stream())
                        .toList(),
                request.selection());
    }
}
