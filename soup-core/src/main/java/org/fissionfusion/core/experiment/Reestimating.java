package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.TaskRow.Status;

/**
 * Moves the re-estimation of every blended soup as far as its tasks have come. Soups of one ingredient keep the
 * statistics that their training left. What a soup offers to the soup above it is always the plain mean, so that no
 * selection depends on when a trainer was free.
 */
final class Reestimating {
    private final WorkingCopy copy;

    Reestimating(WorkingCopy copy) {
        this.copy = copy;
    }

    void advance() {
        if (!copy.head.request().selection().reestimateBatchNorm()) {
            return;
        }
        for (SoupRow soup : List.copyOf(copy.soups.values())) {
            if (soup.status() == SoupRow.Status.BLENDED
                    && soup.recipe().orElseThrow().divisor() > 1) {
                SoupRow before = soup;
                SoupRow next = moved(soup);
                while (!next.equals(before)) {
                    before = next;
                    next = moved(next);
                }
                copy.soups.put(next.id(), next);
            }
        }
    }

    /** True while it is not known of some blended soup which of its two forms is served. */
    boolean open() {
        return copy.soups.values().stream()
                .filter(soup -> soup.status() == SoupRow.Status.BLENDED)
                .flatMap(soup -> soup.reestimation().stream())
                .anyMatch(reestimation -> !reestimation.settled());
    }

    private SoupRow moved(SoupRow soup) {
        if (soup.reestimation().isEmpty()) {
            return begun(soup);
        }
        Reestimation reestimation = soup.reestimation().get();
        return switch (reestimation.status()) {
            case ESTIMATING -> lostWith(soup, copy.task(Ids.batchNorm(soup.id())));
            case SCORING -> scored(soup, reestimation);
            case WRITING -> written(soup, reestimation);
            case BETTER, WORSE, LOST -> soup;
        };
    }

    private SoupRow begun(SoupRow soup) {
        SoupRow begun = soup.reestimating();
        if (copy.head.budgetSpent()) {
            return begun.with(begun.reestimation().orElseThrow().lost("the budget is spent"));
        }
        copy.plan(
                Ids.batchNorm(soup.id()),
                new Work.Reestimate(
                        soup.id(), copy.head.request().training().fineTune().seed()));
        return begun;
    }

    private static SoupRow lostWith(SoupRow soup, TaskRow task) {
        return task.status() == Status.FAILED
                ? soup.with(soup.reestimation().orElseThrow().lost(task.reason()))
                : soup;
    }

    private SoupRow scored(SoupRow soup, Reestimation reestimation) {
        Recipe recipe = recipe(soup, reestimation.variant().orElseThrow());
        copy.planScoring(Work.Score.onValidation(recipe));
        TaskRow task = copy.task(Ids.scoring(copy.before.id(), recipe, false));
        Optional<EvaluationSummary> done = task.evaluation();
        if (done.isEmpty()) {
            return lostWith(soup, task);
        }
        double plain = SoupKitchen.value(reestimation.plain().scores(), copy.head.request());
        double variant = SoupKitchen.value(done.get().scores(), copy.head.request());
        return soup.with(reestimation.scored(done.get().scores(), variant > plain));
    }

    private SoupRow written(SoupRow soup, Reestimation reestimation) {
        String id = Ids.batchNormFile(soup.id());
        copy.plan(id, new Work.Persist(soup.id(), true));
        TaskRow task = copy.task(id);
        if (task.evaluation().isEmpty()) {
            return lostWith(soup, task);
        }
        EvaluationSummary done = task.evaluation().get();
        String expected = reestimation.variant().orElseThrow().weightsDigest();
        if (done.file().isEmpty() || !done.weightsDigest().equals(expected)) {
            return soup.with(reestimation.lost("its file was not written with the weights that were scored"));
        }
        return soup.with(reestimation.written(done.file().get()));
    }

    /** The variant as the only ingredient of a recipe. */
    static Recipe recipe(SoupRow soup, Reestimation.Variant variant) {
        return new Recipe(List.of(new Ingredient(Ids.batchNorm(soup.id()), variant.file(), variant.weightsDigest())));
    }
}
