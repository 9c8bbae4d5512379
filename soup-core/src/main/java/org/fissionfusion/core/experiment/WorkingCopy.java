package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fissionfusion.core.experiment.ExperimentCommand.PublishControl;
import org.fissionfusion.core.experiment.ExperimentCommand.PublishStatus;

/** The rows of an experiment while one event is applied to them, and the commands that follow. */
final class WorkingCopy {
    final Experiment before;
    final SortedMap<String, TaskRow> tasks;
    final SortedMap<String, CheckpointRow> checkpoints;
    final SortedMap<String, SoupRow> soups;
    final List<String> divergences;
    final List<ExperimentCommand> commands = new ArrayList<>();
    Experiment.Head head;

    WorkingCopy(Experiment before) {
        this.before = before;
        this.head = before.head();
        this.tasks = new TreeMap<>(before.tasks());
        this.checkpoints = new TreeMap<>(before.checkpoints());
        this.soups = new TreeMap<>(before.soups());
        this.divergences = new ArrayList<>(before.divergences());
    }

    Step finished() {
        Experiment next = new Experiment(head, tasks, checkpoints, soups, divergences);
        return next.equals(before) ? new Step(before, false, commands) : new Step(next, true, commands);
    }

    void end(Phase phase, String reason) {
        head = head.with(phase, reason);
        publishStatus();
    }

    void put(TaskRow row) {
        tasks.put(row.id(), row);
    }

    void noteDivergence(String id, String first, String second) {
        if (!first.equals(second)) {
            String note = id + ": the first result has " + first + ", a later one " + second;
            if (!divergences.contains(note)) {
                divergences.add(note);
            }
        }
    }

    /** Remembers that the budget is spent, once it is. */
    void spend() {
        OptionalDouble budget = head.request().maxGpuSeconds();
        if (!head.budgetSpent() && budget.isPresent() && Cost.workerSeconds(tasks.values()) >= budget.getAsDouble()) {
            head = head.withBudgetSpent();
        }
    }

    List<CheckpointRow> cyclesOf(String baseId) {
        return checkpoints.values().stream()
                .filter(row -> row.stage() == Stage.FISSION && row.id().startsWith(baseId + "/cycle="))
                .toList();
    }

    static String persistId(SoupRow soup) {
        return soup.id() + "/persist/" + soup.recipe().orElseThrow().key();
    }

    static boolean hasWeights(CheckpointRow row, String weightsDigest) {
        return row.saved()
                .filter(saved -> saved.weightsDigest().equals(weightsDigest))
                .isPresent();
    }

    TaskRow task(String id) {
        return tasks.get(id);
    }

    TaskRow probeTask() {
        return task(Ids.probe(before.id(), head.request().training().fineTune().seed()));
    }

    void planScoring(Work.Score work) {
        plan(Ids.scoring(before.id(), work.recipe(), work.soupSoFar().isPresent()), work);
    }

    void planPersisting(SoupRow soup) {
        plan(persistId(soup), new Work.Persist(soup.id(), false));
    }

    void plan(String id, Work work) {
        tasks.putIfAbsent(id, TaskRow.planned(id, 0, work));
    }

    String reasons() {
        return String.join(
                "; ",
                soups.values().stream()
                        .filter(SoupRow::global)
                        .map(soup -> soup.strategy() + ": " + soup.reason())
                        .toList());
    }

    int settledNow() {
        return (int) tasks.values().stream().filter(TaskRow::settled).count();
    }

    void publishControl(boolean cancelled) {
        commands.add(new PublishControl(head.paused(), cancelled, head.selectionClosed(), head.priority()));
    }

    void publishStatus() {
        commands.add(new PublishStatus(head.phase(), head.reason(), settledNow(), tasks.size()));
    }
}
