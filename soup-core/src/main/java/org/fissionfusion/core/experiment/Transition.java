package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fissionfusion.core.experiment.ExperimentCommand.AnnounceSoup;
import org.fissionfusion.core.experiment.ExperimentCommand.IssueTask;
import org.fissionfusion.core.experiment.ExperimentCommand.PublishControl;
import org.fissionfusion.core.experiment.ExperimentCommand.PublishStatus;
import org.fissionfusion.core.experiment.ExperimentCommand.RefuseEvent;
import org.fissionfusion.core.experiment.TaskRow.Status;

/**
 * One event applied to one experiment: a working copy of its rows, and the commands that follow.
 *
 * <p>First the event is noted in the rows, then everything that has become possible is done, in a fixed order, so
 * that the outcome depends on what is known and not on the order in which it became known.
 */
final class Transition {
    private static final int ATTEMPTS = 3;
    private static final int TRAINING_WINDOW = 64;

    private final Experiment before;
    private Experiment.Head head;
    private final SortedMap<String, TaskRow> tasks;
    private final SortedMap<String, CheckpointRow> checkpoints;
    private final SortedMap<String, SoupRow> soups;
    private final List<String> divergences;
    private final List<ExperimentCommand> commands = new ArrayList<>();

    Transition(Experiment before) {
        this.before = before;
        this.head = before.head();
        this.tasks = new TreeMap<>(before.tasks());
        this.checkpoints = new TreeMap<>(before.checkpoints());
        this.soups = new TreeMap<>(before.soups());
        this.divergences = new ArrayList<>(before.divergences());
    }

    /** The first step of a new experiment. */
    Step begin() {
        commands.add(new PublishControl(false, false, Optional.empty()));
        issueReady();
        publishStatus();
        return finished();
    }

    Step apply(ExperimentEvent event) {
        switch (event) {
            case ExperimentEvent.Requested(var request) -> requestedAgain(request.digest());
            case ExperimentEvent.Cancelled(String reason) -> cancel(reason);
            case ExperimentEvent.Paused _ -> pause(true);
            case ExperimentEvent.Resumed _ -> pause(false);
            case ExperimentEvent.OfTask ofTask -> ofTask(ofTask);
        }
        return finished();
    }

    private Step finished() {
        Experiment next = new Experiment(head, tasks, checkpoints, soups, divergences);
        return next.equals(before) && commands.isEmpty() ? new Step(before, List.of()) : new Step(next, commands);
    }

    private void requestedAgain(String digest) {
        if (!digest.equals(head.requestDigest())) {
            commands.add(new RefuseEvent("experiment id " + head.request().experimentId()
                    + " is taken by a request with digest " + head.requestDigest() + "; this one has " + digest
                    + ": choose another id"));
        }
    }

    private void cancel(String reason) {
        if (!head.phase().isFinal()) {
            commands.add(new PublishControl(head.paused(), true, head.selectionClosed()));
            end(Phase.CANCELLED, reason);
        }
    }

    private void pause(boolean paused) {
        if (!head.phase().isFinal() && head.paused() != paused) {
            head = head.paused(paused);
            commands.add(new PublishControl(paused, false, head.selectionClosed()));
            advance();
        }
    }

    private void end(Phase phase, String reason) {
        head = head.with(phase, reason);
        publishStatus();
    }

    // ------------------------------------------------------------ what a task's event says

    private void ofTask(ExperimentEvent.OfTask event) {
        TaskRow row = tasks.get(event.taskId());
        if (row == null) {
            commands.add(new RefuseEvent("no task " + event.taskId() + " in experiment " + before.id()));
            return;
        }
        if (head.phase().isFinal()) {
            return;
        }
        switch (event) {
            case ExperimentEvent.CheckpointSaved saved -> {
                checkpointSaved(saved);
                TaskRow now = tasks.get(row.id());
                now.training().ifPresent(summary -> trained(now, summary));
            }
            case ExperimentEvent.TrainingCompleted done -> trained(row, done.summary());
            case ExperimentEvent.EvaluationCompleted done -> evaluated(row, done.summary());
            case ExperimentEvent.TaskFailed failed -> failed(row, failed);
            case ExperimentEvent.TaskReturned returned -> {
                if (current(row, returned)) {
                    put(row.returned());
                }
            }
            case ExperimentEvent.TaskSilent silent -> {
                if (current(row, silent)) {
                    retryOrGiveUp(row, "attempt " + silent.attempt() + " went silent");
                }
            }
        }
        advance();
    }

    private static boolean current(TaskRow row, ExperimentEvent.OfTask event) {
        return row.status() == Status.ISSUED && row.attempt() == event.attempt();
    }

    private void put(TaskRow row) {
        tasks.put(row.id(), row);
    }

    private void checkpointSaved(ExperimentEvent.CheckpointSaved event) {
        Ingredient saved = new Ingredient(
                event.checkpointId(), event.saved().file(), event.saved().weightsDigest());
        if (tasks.get(event.taskId()).work() instanceof Work.Probe) {
            if (head.probe().isEmpty()) {
                head = head.probed(saved);
            } else {
                noteDivergence(event.checkpointId(), head.probe().get().key(), new Recipe(List.of(saved)).key());
            }
            return;
        }
        CheckpointRow row = checkpoints.get(event.checkpointId());
        if (row == null) {
            commands.add(new RefuseEvent("no checkpoint " + event.checkpointId() + " in the plan of " + before.id()));
        } else if (row.saved().isPresent()) {
            noteDivergence(
                    row.id(), row.saved().get().weightsDigest(), event.saved().weightsDigest());
        } else if (row.status() == CheckpointRow.Status.EXPECTED) {
            CheckpointRow savedRow = row.saved(event.saved());
            Recipe recipe = new Recipe(List.of(saved));
            planScoring(recipe);
            // the same weights may have been scored under another id
            TaskRow scoring = tasks.get(Ids.score(before.id(), "validation", recipe.key()));
            CheckpointRow known = scoring.evaluation()
                    .map(done -> savedRow.scored(done.scores()))
                    .orElse(savedRow);
            checkpoints.put(
                    row.id(),
                    scoring.status() == Status.FAILED
                            ? known.lost(scoring.failures().getLast())
                            : known);
        }
    }

    private void noteDivergence(String id, String first, String second) {
        if (!first.equals(second)) {
            String note = id + ": the first result has " + first + ", a later one " + second;
            if (!divergences.contains(note)) {
                divergences.add(note);
            }
        }
    }

    private void trained(TaskRow row, TrainingSummary summary) {
        if (row.settled()) {
            return;
        }
        if (!hasItsCheckpoints(row)) {
            put(row.summarised(summary));
            return;
        }
        put(row.trained(summary));
        double spent = tasks.values().stream()
                .flatMap(task -> task.training().stream())
                .mapToDouble(TrainingSummary::seconds)
                .sum();
        if (head.request().maxGpuSeconds().isPresent()
                && spent >= head.request().maxGpuSeconds().getAsDouble()) {
            head = head.withBudgetSpent();
        }
    }

    /** A task is done when its completion and all its checkpoints are known, in whatever order they came. */
    private boolean hasItsCheckpoints(TaskRow row) {
        return switch (row.work()) {
            case Work.Probe _ -> head.probe().isPresent();
            case Work.FineTune _ -> checkpoints.get(row.id()).saved().isPresent();
            case Work.Fission fission ->
                cyclesOf(fission.baseId()).stream().allMatch(c -> c.saved().isPresent());
            case Work.Preflight _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ -> false;
        };
    }

    private List<CheckpointRow> cyclesOf(String baseId) {
        return checkpoints.values().stream()
                .filter(row -> row.stage() == Stage.FISSION && row.id().startsWith(baseId + "/cycle="))
                .toList();
    }

    private void evaluated(TaskRow row, EvaluationSummary summary) {
        if (row.settled()) {
            row.evaluation()
                    .ifPresent(first -> noteDivergence(row.id(), first.weightsDigest(), summary.weightsDigest()));
            return;
        }
        if (row.work() instanceof Work.Trained) {
            commands.add(new RefuseEvent("an evaluation result for the training task " + row.id()));
            return;
        }
        put(row.evaluated(summary));
        switch (row.work()) {
            case Work.Score(Recipe recipe, boolean sealedSplits) -> scored(recipe, sealedSplits, summary);
            case Work.Persist(String soupId) -> persisted(soups.get(soupId), row, summary);
            case Work.Serve(String soupId) -> {
                SoupRow served = soups.get(soupId).served(summary.scores(), summary.document());
                soups.put(soupId, served);
                commands.add(new AnnounceSoup(served));
            }
            case Work.Preflight _, Work.Compare _, Work.Probe _, Work.FineTune _, Work.Fission _ -> {}
        }
    }

    private void persisted(SoupRow soup, TaskRow row, EvaluationSummary summary) {
        if (soup.status() != SoupRow.Status.PERSISTING || !row.id().equals(persistId(soup))) {
            return; // the soup was tasted again meanwhile and waits for another file
        }
        if (summary.file().isEmpty()) {
            soups.put(soup.id(), soup.spoiled("its file was not written"));
        } else if (!summary.weightsDigest().equals(soup.weightsDigest())) {
            soups.put(
                    soup.id(),
                    soup.spoiled("its file has weights " + summary.weightsDigest() + ", tasted were "
                            + soup.weightsDigest()));
        } else {
            soups.put(soup.id(), soup.blended(summary.file().get(), summary.weightsDigest()));
        }
    }

    private static String persistId(SoupRow soup) {
        return soup.id() + "/persist/" + soup.recipe().orElseThrow().key();
    }

    private void scored(Recipe recipe, boolean sealedSplits, EvaluationSummary summary) {
        if (recipe.divisor() == 1) {
            checkpoints.values().stream()
                    .filter(row ->
                            hasWeights(row, recipe.ingredients().getFirst().weightsDigest()))
                    .filter(row ->
                            row.status() == (sealedSplits ? CheckpointRow.Status.SCORED : CheckpointRow.Status.SAVED))
                    .toList()
                    .forEach(row -> checkpoints.put(row.id(), row.scored(summary.scores())));
        }
    }

    private static boolean hasWeights(CheckpointRow row, String weightsDigest) {
        return row.saved()
                .filter(saved -> saved.weightsDigest().equals(weightsDigest))
                .isPresent();
    }

    private void failed(TaskRow row, ExperimentEvent.TaskFailed event) {
        if (!current(row, event)) {
            return;
        }
        String reason = event.worker() + ": " + event.reason();
        if (event.permanent()) {
            giveUp(row, reason);
        } else {
            retryOrGiveUp(row, reason);
        }
    }

    private void retryOrGiveUp(TaskRow row, String reason) {
        if (row.failures().size() + 1 >= ATTEMPTS) {
            giveUp(row, reason);
        } else {
            put(row.failedOnce(reason));
        }
    }

    private void giveUp(TaskRow row, String reason) {
        put(row.givenUp(reason));
        switch (row.work()) {
            case Work.Preflight _ -> end(Phase.REFUSED, reason);
            case Work.Probe _ -> end(Phase.FAILED, "the linear probe failed: " + reason);
            case Work.FineTune _ -> {
                lose(checkpoints.get(row.id()), reason);
                loseLine(row.id(), "its base model failed: " + reason);
            }
            case Work.Fission fission -> loseLine(fission.baseId(), reason);
            case Work.Score(Recipe recipe, boolean sealedSplits) -> scoringFailed(recipe, sealedSplits, reason);
            case Work.Persist(String soupId) ->
                soups.put(soupId, soups.get(soupId).spoiled(reason));
            case Work.Serve(String soupId) ->
                soups.put(soupId, soups.get(soupId).spoiled(reason));
            case Work.Compare _ -> {}
        }
    }

    private void loseLine(String baseId, String reason) {
        cyclesOf(baseId).forEach(row -> lose(row, reason));
        TaskRow fission = tasks.get(Ids.fission(baseId));
        if (fission != null && !fission.settled()) {
            put(fission.givenUp(reason));
        }
    }

    private void lose(CheckpointRow row, String reason) {
        if (row.status() == CheckpointRow.Status.EXPECTED) {
            checkpoints.put(row.id(), row.lost(reason));
        }
    }

    /** A recipe that cannot be scored takes its last ingredient, the one on trial, out of every soup. */
    private void scoringFailed(Recipe recipe, boolean sealedSplits, String reason) {
        if (sealedSplits) {
            return;
        }
        String id = recipe.ingredients().getLast().id();
        CheckpointRow checkpoint = checkpoints.get(id);
        SoupRow soup = soups.get(id);
        if (checkpoint != null && checkpoint.status() != CheckpointRow.Status.LOST) {
            checkpoints.put(id, checkpoint.lost(reason));
            if (recipe.divisor() == 1) {
                // whatever shares these very weights is lost with them
                checkpoints.values().stream()
                        .filter(row -> row.status() == CheckpointRow.Status.SAVED)
                        .filter(row ->
                                hasWeights(row, recipe.ingredients().getFirst().weightsDigest()))
                        .toList()
                        .forEach(row -> checkpoints.put(row.id(), row.lost(reason)));
            }
        } else if (soup != null) {
            soups.put(id, soup.spoiled(reason));
        }
    }

    // ------------------------------------------------------------ what has become possible

    private void advance() {
        if (head.phase().isFinal()) {
            return;
        }
        Phase phase = head.phase();
        if (phase == Phase.PREFLIGHT && task(Ids.preflight(before.id())).status() == Status.DONE) {
            head = head.with(Phase.PROBING, "");
        }
        if (head.phase() == Phase.PROBING && probeTask().status() == Status.DONE) {
            head = head.with(Phase.GENERATING, "");
        }
        if (head.phase() == Phase.GENERATING) {
            abandonWhatTheBudgetForbids();
            new SoupKitchen(head.request(), checkpoints, soups, tasks).cook(this::planScoring, this::planPersisting);
            closeSelection();
        }
        if (head.phase() == Phase.UNSEALED) {
            compareAndComplete();
        }
        issueReady();
        if (head.phase() != phase || settledNow() != before.tasksDone()) {
            publishStatus();
        }
    }

    private TaskRow task(String id) {
        return tasks.get(id);
    }

    private TaskRow probeTask() {
        return task(Ids.probe(before.id(), head.request().training().fineTune().seed()));
    }

    private void abandonWhatTheBudgetForbids() {
        if (head.budgetSpent()) {
            tasks.values().stream()
                    .filter(row -> row.work() instanceof Work.Trained && row.status() == Status.PLANNED)
                    .toList()
                    .forEach(row -> {
                        if (!task(row.id()).settled()) {
                            giveUp(
                                    row,
                                    "the budget of "
                                            + head.request().maxGpuSeconds().getAsDouble() + " GPU-seconds is spent");
                        }
                    });
        }
    }

    private void planScoring(Recipe recipe) {
        plan(Ids.score(before.id(), "validation", recipe.key()), new Work.Score(recipe, false));
    }

    private void planPersisting(SoupRow soup) {
        plan(persistId(soup), new Work.Persist(soup.id()));
    }

    private void plan(String id, Work work) {
        tasks.putIfAbsent(id, TaskRow.planned(id, 0, work));
    }

    private void closeSelection() {
        boolean open = soups.values().stream().anyMatch(soup -> !soup.settled())
                || checkpoints.values().stream().anyMatch(row -> !row.settled())
                || tasks.values().stream().anyMatch(row -> row.work() instanceof Work.Trained && !row.settled());
        if (open) {
            return;
        }
        List<SoupRow> blended = soups.values().stream()
                .filter(soup -> soup.status() == SoupRow.Status.BLENDED)
                .toList();
        if (blended.stream().noneMatch(SoupRow::global)) {
            end(Phase.FAILED, "no strategy has a soup: " + reasons());
            return;
        }
        StringBuilder selection = new StringBuilder();
        blended.forEach(soup -> selection
                .append(soup.id())
                .append('=')
                .append(soup.weightsDigest())
                .append('\n'));
        head = head.closed(Recipe.sha256(selection.toString())).with(Phase.UNSEALED, "");
        commands.add(new PublishControl(head.paused(), false, head.selectionClosed()));
        blended.forEach(soup -> plan(soup.id() + "/serve", new Work.Serve(soup.id())));
        if (!head.request().data().sealedSplits().isEmpty()) {
            sealedCheckpoints().forEach(row -> {
                Recipe recipe = new Recipe(List.of(new Ingredient(
                        row.id(), row.saved().get().file(), row.saved().get().weightsDigest())));
                plan(Ids.score(before.id(), "sealed", recipe.key()), new Work.Score(recipe, true));
            });
        }
    }

    private String reasons() {
        return String.join(
                "; ",
                soups.values().stream()
                        .filter(SoupRow::global)
                        .map(soup -> soup.strategy() + ": " + soup.reason())
                        .toList());
    }

    private List<CheckpointRow> sealedCheckpoints() {
        List<CheckpointRow> scored = checkpoints.values().stream()
                .filter(row -> row.status() == CheckpointRow.Status.SCORED)
                .toList();
        return switch (head.request().selection().sealedCheckpointScores()) {
            case ALL -> scored;
            case NONE -> List.of();
            case BEST_FIVE ->
                SoupKitchen.offered(scored, head.request()).stream()
                        .limit(5)
                        .map(one -> checkpoints.get(one.ingredient().id()))
                        .toList();
        };
    }

    private void compareAndComplete() {
        boolean working =
                tasks.values().stream().anyMatch(row -> !row.settled() && !(row.work() instanceof Work.Compare));
        if (working) {
            return;
        }
        List<SoupRow> served = soups.values().stream()
                .filter(soup -> soup.global() && soup.status() == SoupRow.Status.SERVED)
                .toList();
        String compareId = Ids.compare(before.id());
        if (served.size() > 1) {
            plan(compareId, new Work.Compare(served.stream().map(SoupRow::id).toList()));
            if (!task(compareId).settled()) {
                return;
            }
        }
        if (served.isEmpty()) {
            end(Phase.FAILED, "no soup could be served: " + reasons());
        } else {
            long lost = checkpoints.values().stream()
                    .filter(row -> row.status() == CheckpointRow.Status.LOST)
                    .count();
            long spoiled = soups.values().stream()
                    .filter(soup -> soup.status() == SoupRow.Status.SPOILED)
                    .count();
            String reason = lost + spoiled == 0
                    ? ""
                    : "without " + lost + " lost checkpoints and " + spoiled + " spoiled soups";
            end(Phase.COMPLETED, reason);
        }
    }

    // ------------------------------------------------------------ issuing

    private void issueReady() {
        if (head.paused() || head.phase().isFinal()) {
            return;
        }
        long outstanding = tasks.values().stream()
                .filter(row -> row.status() == Status.ISSUED && row.work() instanceof Work.Trained)
                .count();
        List<TaskRow> planned = tasks.values().stream()
                .filter(row -> row.status() == Status.PLANNED)
                .sorted(Comparator.comparingInt(TaskRow::order).thenComparing(TaskRow::id))
                .toList();
        for (TaskRow row : planned) {
            boolean training = row.work() instanceof Work.Trained;
            if (ready(row.work()) && (!training || outstanding < TRAINING_WINDOW)) {
                outstanding += training ? 1 : 0;
                put(row.issued());
                commands.add(new IssueTask(row.issued()));
            }
        }
    }

    private boolean ready(Work work) {
        return switch (work) {
            case Work.Preflight _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ -> true;
            case Work.Probe _ -> head.phase() == Phase.PROBING;
            case Work.FineTune _ -> head.phase() == Phase.GENERATING;
            case Work.Fission fission -> task(fission.baseId()).status() == Status.DONE;
        };
    }

    private int settledNow() {
        return (int) tasks.values().stream().filter(TaskRow::settled).count();
    }

    private void publishStatus() {
        commands.add(new PublishStatus(head.phase(), head.reason(), settledNow(), tasks.size()));
    }
}
