package org.fissionfusion.core.experiment;

import java.util.List;
import org.fissionfusion.core.experiment.Attempt.Outcome;
import org.fissionfusion.core.experiment.ExperimentCommand.AnnounceSoup;
import org.fissionfusion.core.experiment.ExperimentCommand.RefuseEvent;
import org.fissionfusion.core.experiment.TaskRow.Status;

/**
 * One event applied to one experiment.
 *
 * <p>First the event is noted in the rows, then everything that has become possible is done, in a fixed order, so
 * that the outcome depends on what is known and not on the order in which it became known.
 */
final class Transition {
    private final WorkingCopy copy;
    private final Losses losses;
    private final Advance advance;

    Transition(Experiment before) {
        this.copy = new WorkingCopy(before);
        this.losses = new Losses(copy);
        this.advance = new Advance(copy, losses);
    }

    /** The first step of a new experiment. */
    Step begin() {
        copy.publishControl(false);
        advance.issueReady();
        copy.publishStatus();
        // new, even where nothing was issued because the request is refused
        return new Step(copy.finished().next(), true, copy.commands);
    }

    Step apply(ExperimentEvent event) {
        switch (event) {
            case ExperimentEvent.Requested(var request) -> requestedAgain(request.digest());
            case ExperimentEvent.Cancelled(String reason) -> cancel(reason);
            case ExperimentEvent.Paused _ -> pause(true);
            case ExperimentEvent.Resumed _ -> pause(false);
            case ExperimentEvent.Prioritized(Priority priority) -> prioritize(priority);
            case ExperimentEvent.OfTask ofTask -> ofTask(ofTask);
        }
        return copy.finished();
    }

    private void requestedAgain(String digest) {
        if (!digest.equals(copy.head.requestDigest())) {
            copy.commands.add(new RefuseEvent("experiment id "
                    + copy.head.request().experimentId()
                    + " is taken by a request with digest " + copy.head.requestDigest() + "; this one has " + digest
                    + ": choose another id"));
        }
    }

    private void cancel(String reason) {
        if (!copy.head.phase().isFinal()) {
            copy.publishControl(true);
            copy.end(Phase.CANCELLED, reason);
        }
    }

    private void pause(boolean paused) {
        if (!copy.head.phase().isFinal() && copy.head.paused() != paused) {
            copy.head = copy.head.paused(paused);
            copy.publishControl(false);
            advance.run();
        }
    }

    /**
     * Tasks that wait in the queue are issued again, to the other one; what is under way there is handed back by its
     * worker. Nothing is moved down: the few tasks that were issued may as well go first.
     */
    private void prioritize(Priority priority) {
        if (copy.head.phase().isFinal() || copy.head.priority() == priority) {
            return;
        }
        copy.head = copy.head.prioritized(priority);
        copy.publishControl(false);
        copy.publishStatus();
        if (priority == Priority.HIGH) {
            List.copyOf(copy.tasks.values()).stream()
                    .filter(row -> row.status() == Status.ISSUED)
                    .forEach(row -> copy.put(row.again()));
        }
        advance.run();
    }

    private void ofTask(ExperimentEvent.OfTask event) {
        TaskRow row = copy.tasks.get(event.taskId());
        if (row == null) {
            copy.commands.add(new RefuseEvent("no task " + event.taskId() + " in experiment " + copy.before.id()));
            return;
        }
        if (copy.head.phase().isFinal()) {
            return;
        }
        switch (event) {
            case ExperimentEvent.CheckpointSaved saved -> {
                checkpointSaved(saved);
                doneWithItsCheckpoints(copy.tasks.get(row.id()));
            }
            case ExperimentEvent.TrainingCompleted done -> trained(row, done);
            case ExperimentEvent.EvaluationCompleted done -> evaluated(row, done);
            case ExperimentEvent.TaskFailed failed -> failed(row, failed);
            case ExperimentEvent.TaskReturned returned -> returned(row, returned);
            case ExperimentEvent.TaskSilent silent -> {
                if (current(row, silent)) {
                    losses.missed(row, silence(silent), !silent.takenOver());
                }
            }
        }
        copy.spend();
        advance.run();
    }

    /** An attempt that a later one has replaced already is noted, once. */
    private void returned(TaskRow row, ExperimentEvent.TaskReturned event) {
        Attempt returned = attempt(event, event.worker(), Outcome.RETURNED, event.reason(), event.seconds());
        if (current(row, event)) {
            copy.put(row.tried(returned).again());
        } else if (!row.settled()
                && event.attempt() < row.attempt()
                && row.attempts().stream().noneMatch(known -> known.number() == event.attempt())) {
            copy.put(row.tried(returned));
        }
    }

    private static Attempt attempt(
            ExperimentEvent.OfTask event, String worker, Outcome outcome, String reason, double seconds) {
        return new Attempt(event.attempt(), worker, outcome, reason, seconds);
    }

    private static Attempt silence(ExperimentEvent.TaskSilent silent) {
        String reason = silent.takenOver() ? "went silent, another worker has taken over" : "went silent";
        return attempt(silent, silent.worker(), Outcome.SILENT, reason, silent.seconds());
    }

    private static boolean current(TaskRow row, ExperimentEvent.OfTask event) {
        return row.status() == Status.ISSUED && row.attempt() == event.attempt();
    }

    private void checkpointSaved(ExperimentEvent.CheckpointSaved event) {
        Ingredient saved = new Ingredient(
                event.checkpointId(), event.saved().file(), event.saved().weightsDigest());
        if (copy.tasks.get(event.taskId()).work() instanceof Work.Reestimate(String soupId, long _)) {
            reestimated(copy.soups.get(soupId), event);
            return;
        }
        if (copy.tasks.get(event.taskId()).work() instanceof Work.Probe) {
            if (copy.head.probe().isEmpty()) {
                copy.head = copy.head.probed(saved);
            } else {
                copy.noteDivergence(
                        event.checkpointId(), copy.head.probe().get().key(), new Recipe(List.of(saved)).key());
            }
            return;
        }
        CheckpointRow row = copy.checkpoints.get(event.checkpointId());
        if (row == null) {
            copy.commands.add(
                    new RefuseEvent("no checkpoint " + event.checkpointId() + " in the plan of " + copy.before.id()));
        } else if (row.saved().isPresent()) {
            copy.noteDivergence(
                    row.id(), row.saved().get().weightsDigest(), event.saved().weightsDigest());
        } else if (row.status() == CheckpointRow.Status.EXPECTED) {
            CheckpointRow savedRow = row.saved(event.saved());
            Recipe recipe = new Recipe(List.of(saved));
            copy.planScoring(Work.Score.onValidation(recipe));
            // the same weights may have been scored under another id
            TaskRow scoring = copy.tasks.get(Ids.scoring(copy.before.id(), recipe, false));
            CheckpointRow known = scoring.evaluation()
                    .map(done -> savedRow.scored(done.scores()))
                    .orElse(savedRow);
            copy.checkpoints.put(row.id(), scoring.status() == Status.FAILED ? known.lost(scoring.reason()) : known);
        }
    }

    private void reestimated(SoupRow soup, ExperimentEvent.CheckpointSaved event) {
        Reestimation before = soup.reestimation().orElseThrow();
        if (before.variant().isPresent()) {
            copy.noteDivergence(
                    event.taskId(),
                    before.variant().get().weightsDigest(),
                    event.saved().weightsDigest());
        } else if (before.status() == Reestimation.Status.ESTIMATING) {
            copy.soups.put(
                    soup.id(),
                    soup.with(before.saved(event.saved().file(), event.saved().weightsDigest())));
        }
    }

    private void trained(TaskRow row, ExperimentEvent.TrainingCompleted done) {
        if (row.settled() || row.training().isPresent()) {
            return;
        }
        TaskRow ended = row.tried(attempt(done, done.worker(), Outcome.DONE, "", done.seconds()))
                .summarised(done.summary());
        copy.put(ended);
        doneWithItsCheckpoints(ended);
    }

    private void doneWithItsCheckpoints(TaskRow row) {
        if (!row.settled() && row.training().isPresent() && hasItsCheckpoints(row)) {
            copy.put(row.trained());
        }
    }

    /** A task is done when its completion and all its checkpoints are known, in whatever order they came. */
    private boolean hasItsCheckpoints(TaskRow row) {
        return switch (row.work()) {
            case Work.Probe _ -> copy.head.probe().isPresent();
            case Work.FineTune _ -> copy.checkpoints.get(row.id()).saved().isPresent();
            case Work.Fission fission ->
                copy.cyclesOf(fission.baseId()).stream().allMatch(c -> c.saved().isPresent());
            case Work.Reestimate(String soupId, long _) ->
                copy.soups
                        .get(soupId)
                        .reestimation()
                        .flatMap(Reestimation::variant)
                        .isPresent();
            case Work.Preflight _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ -> false;
        };
    }

    private void evaluated(TaskRow row, ExperimentEvent.EvaluationCompleted done) {
        EvaluationSummary summary = done.summary();
        if (row.settled()) {
            row.evaluation()
                    .ifPresent(first -> copy.noteDivergence(row.id(), first.weightsDigest(), summary.weightsDigest()));
            return;
        }
        if (row.work() instanceof Work.Trained) {
            copy.commands.add(new RefuseEvent("an evaluation result for the training task " + row.id()));
            return;
        }
        copy.put(row.tried(attempt(done, done.worker(), Outcome.DONE, "", done.seconds()))
                .evaluated(summary));
        switch (row.work()) {
            case Work.Score score -> scored(score.recipe(), score.sealedSplits(), summary);
            case Work.Persist(String _, boolean reestimated) when reestimated -> {} // see Reestimating
            case Work.Persist(String soupId, boolean _) -> persisted(copy.soups.get(soupId), row, summary);
            case Work.Serve(String soupId) -> {
                SoupRow served = copy.soups.get(soupId).served(summary.scores(), summary.document());
                copy.soups.put(soupId, served);
                copy.commands.add(new AnnounceSoup(served));
            }
            case Work.Preflight _, Work.Compare _, Work.Trained _ -> {}
        }
    }

    private void persisted(SoupRow soup, TaskRow row, EvaluationSummary summary) {
        if (soup.status() != SoupRow.Status.PERSISTING || !row.id().equals(WorkingCopy.persistId(soup))) {
            return; // the soup was tasted again meanwhile and waits for another file
        }
        if (summary.file().isEmpty()) {
            copy.soups.put(soup.id(), soup.spoiled("its file was not written"));
        } else if (!summary.weightsDigest().equals(soup.weightsDigest())) {
            copy.soups.put(
                    soup.id(),
                    soup.spoiled("its file has weights " + summary.weightsDigest() + ", tasted were "
                            + soup.weightsDigest()));
        } else {
            copy.soups.put(soup.id(), soup.blended(summary.file().get(), summary.weightsDigest()));
        }
    }

    private void scored(Recipe recipe, boolean sealedSplits, EvaluationSummary summary) {
        if (recipe.divisor() == 1) {
            copy.checkpoints.values().stream()
                    .filter(row -> WorkingCopy.hasWeights(
                            row, recipe.ingredients().getFirst().weightsDigest()))
                    .filter(row ->
                            row.status() == (sealedSplits ? CheckpointRow.Status.SCORED : CheckpointRow.Status.SAVED))
                    .toList()
                    .forEach(row -> copy.checkpoints.put(row.id(), row.scored(summary.scores())));
        }
    }

    private void failed(TaskRow row, ExperimentEvent.TaskFailed event) {
        if (!current(row, event)) {
            return;
        }
        Attempt attempt = attempt(event, event.worker(), Outcome.FAILED, event.reason(), event.seconds());
        if (event.permanent()) {
            event.unreadable().ifPresent(key -> losses.loseFile(key, attempt.text()));
            TaskRow tried = row.tried(attempt);
            losses.giveUp(event.before().map(tried::summarised).orElse(tried), attempt.text());
        } else {
            losses.missed(row, attempt, true);
        }
    }
}
