package org.fissionfusion.core.experiment;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.ExperimentCommand.IssueTask;
import org.fissionfusion.core.experiment.TaskRow.Status;

/** Does everything that has become possible, in a fixed order, and issues the tasks that are ready. */
final class Advance {
    private static final int TRAINING_WINDOW = 64;

    private final WorkingCopy copy;
    private final Losses losses;
    private final Reestimating reestimating;

    Advance(WorkingCopy copy, Losses losses) {
        this.copy = copy;
        this.losses = losses;
        this.reestimating = new Reestimating(copy);
    }

    void run() {
        if (copy.head.phase().isFinal()) {
            return;
        }
        Phase phase = copy.head.phase();
        abandonWhatTheBudgetForbids();
        if (copy.head.phase().isFinal()) {
            return;
        }
        if (phase == Phase.PREFLIGHT
                && copy.task(Ids.preflight(copy.before.id())).status() == Status.DONE) {
            copy.head = copy.head.with(Phase.PROBING, "");
        }
        if (copy.head.phase() == Phase.PROBING && copy.probeTask().status() == Status.DONE) {
            copy.head = copy.head.with(Phase.GENERATING, "");
        }
        if (copy.head.phase() == Phase.GENERATING) {
            new SoupKitchen(copy.head.request(), copy.checkpoints, copy.soups, copy.tasks)
                    .cook(copy::planScoring, copy::planPersisting);
            reestimating.advance();
            closeSelection();
        }
        if (copy.head.phase() == Phase.UNSEALED) {
            compareAndComplete();
        }
        issueReady();
        if (copy.head.phase() != phase || copy.settledNow() != copy.before.tasksDone()) {
            copy.publishStatus();
        }
    }

    private void abandonWhatTheBudgetForbids() {
        if (copy.head.budgetSpent()) {
            copy.tasks.values().stream()
                    .filter(row -> row.work() instanceof Work.Trained && row.status() == Status.PLANNED)
                    .toList()
                    .forEach(row -> {
                        if (!copy.task(row.id()).settled()) {
                            losses.giveUp(
                                    row,
                                    "the budget of "
                                            + copy.head
                                                    .request()
                                                    .maxGpuSeconds()
                                                    .getAsDouble() + " GPU-seconds is spent");
                        }
                    });
        }
    }

    private void closeSelection() {
        boolean open = copy.soups.values().stream().anyMatch(soup -> !soup.settled())
                || copy.checkpoints.values().stream().anyMatch(row -> !row.settled())
                || copy.tasks.values().stream().anyMatch(row -> row.work() instanceof Work.Trained && !row.settled())
                || reestimating.open();
        if (open) {
            return;
        }
        copy.soups.replaceAll((id, soup) -> soup.status() == SoupRow.Status.BLENDED ? soup.selected() : soup);
        List<SoupRow> blended = copy.soups.values().stream()
                .filter(soup -> soup.status() == SoupRow.Status.BLENDED)
                .toList();
        if (blended.stream().noneMatch(SoupRow::global)) {
            copy.end(Phase.FAILED, "no strategy has a soup: " + copy.reasons());
            return;
        }
        StringBuilder selection = new StringBuilder();
        blended.forEach(soup -> selection
                .append(soup.id())
                .append('=')
                .append(soup.weightsDigest())
                .append('\n'));
        copy.head = copy.head.closed(Recipe.sha256(selection.toString())).with(Phase.UNSEALED, "");
        copy.publishControl(false);
        blended.forEach(soup -> copy.plan(soup.id() + "/serve", new Work.Serve(soup.id())));
        if (!copy.head.request().data().sealedSplits().isEmpty()) {
            sealedCheckpoints().forEach(row -> {
                Recipe recipe = new Recipe(List.of(new Ingredient(
                        row.id(), row.saved().get().file(), row.saved().get().weightsDigest())));
                copy.plan(Ids.scoringSealed(copy.before.id(), recipe), new Work.Score(recipe, true, Optional.empty()));
            });
        }
    }

    private List<CheckpointRow> sealedCheckpoints() {
        List<CheckpointRow> scored = copy.checkpoints.values().stream()
                .filter(row -> row.status() == CheckpointRow.Status.SCORED)
                .toList();
        return switch (copy.head.request().selection().sealedCheckpointScores()) {
            case ALL -> scored;
            case NONE -> List.of();
            case BEST_FIVE ->
                SoupKitchen.offered(scored, copy.head.request()).stream()
                        .limit(5)
                        .map(one -> copy.checkpoints.get(one.ingredient().id()))
                        .toList();
        };
    }

    private void compareAndComplete() {
        boolean working =
                copy.tasks.values().stream().anyMatch(row -> !row.settled() && !(row.work() instanceof Work.Compare));
        if (working) {
            return;
        }
        List<SoupRow> served = copy.soups.values().stream()
                .filter(soup -> soup.global() && soup.status() == SoupRow.Status.SERVED)
                .toList();
        String compareId = Ids.compare(copy.before.id());
        if (served.size() > 1) {
            copy.plan(
                    compareId, new Work.Compare(served.stream().map(SoupRow::id).toList()));
            if (!copy.task(compareId).settled()) {
                return;
            }
        }
        if (served.isEmpty()) {
            copy.end(Phase.FAILED, "no soup could be served: " + copy.reasons());
        } else {
            long lost = copy.checkpoints.values().stream()
                    .filter(row -> row.status() == CheckpointRow.Status.LOST)
                    .count();
            long spoiled = copy.soups.values().stream()
                    .filter(soup -> soup.status() == SoupRow.Status.SPOILED)
                    .count();
            String reason = lost + spoiled == 0
                    ? ""
                    : "without " + lost + " lost checkpoints and " + spoiled + " spoiled soups";
            copy.end(Phase.COMPLETED, reason);
        }
    }

    void issueReady() {
        if (copy.head.paused() || copy.head.phase().isFinal()) {
            return;
        }
        long outstanding = copy.tasks.values().stream()
                .filter(row -> row.status() == Status.ISSUED && row.work() instanceof Work.Trained)
                .count();
        List<TaskRow> planned = copy.tasks.values().stream()
                .filter(row -> row.status() == Status.PLANNED)
                .sorted(Comparator.comparingInt(TaskRow::order).thenComparing(TaskRow::id))
                .toList();
        for (TaskRow row : planned) {
            boolean training = row.work() instanceof Work.Trained;
            if (ready(row.work()) && (!training || outstanding < TRAINING_WINDOW)) {
                outstanding += training ? 1 : 0;
                copy.put(row.issued());
                copy.commands.add(new IssueTask(row.issued()));
            }
        }
    }

    private boolean ready(Work work) {
        return switch (work) {
            case Work.Preflight _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ -> true;
            case Work.Probe _ -> copy.head.phase() == Phase.PROBING;
            case Work.FineTune _ -> copy.head.phase() == Phase.GENERATING;
            case Work.Fission fission -> copy.task(fission.baseId()).status() == Status.DONE;
            case Work.Reestimate _ -> true;
        };
    }
}
