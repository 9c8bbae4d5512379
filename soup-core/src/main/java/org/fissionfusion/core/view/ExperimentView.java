package org.fissionfusion.core.view;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.experiment.EvaluationSummary;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.Reestimation;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.Leakage;
import org.fissionfusion.core.request.StoredFile;

/**
 * Everything that a person may want to see of an experiment. A function of the experiment, which is the fold of its
 * journal, and of the heartbeats of the moment.
 *
 * @param blocked why the planner applies no event any more, if so
 * @param trainings in the order in which they are issued
 * @param evaluations in the order in which they are issued
 * @param checkpoints that were saved, by id
 * @param soups in the order of the request's strategies, lower soups before those made of them
 * @param platform of the trainings: what their bytes depend on, each with every value it had
 * @param comparison document of the paired comparison of the strategies
 * @param notes what a reader of the results must know
 */
public record ExperimentView(
        Experiment.Head head,
        Optional<String> blocked,
        List<TrainingView> trainings,
        List<EvaluationView> evaluations,
        List<CheckpointRow> checkpoints,
        List<SoupView> soups,
        Cost cost,
        SortedMap<String, SortedSet<String>> platform,
        Optional<StoredFile> comparison,
        int tasksDone,
        int tasksTotal,
        List<String> notes) {
    public ExperimentView {
        trainings = List.copyOf(trainings);
        evaluations = List.copyOf(evaluations);
        checkpoints = List.copyOf(checkpoints);
        soups = List.copyOf(soups);
        platform = Collections.unmodifiableSortedMap(platform);
        notes = List.copyOf(notes);
    }

    /** The view of an experiment of which nothing is heard right now. */
    public static ExperimentView of(Experiment experiment) {
        return of(experiment, Map.of(), Optional.empty());
    }

    /**
     * The view of an experiment whose workers are heard.
     *
     * @param heartbeats the last of each running task, by task id
     * @param blocked why the planner applies no event any more, if so
     */
    public static ExperimentView of(
            Experiment experiment, Map<String, Heartbeat> heartbeats, Optional<String> blocked) {
        TaskViews tasks = new TaskViews(experiment, heartbeats);
        return new ExperimentView(
                experiment.head(),
                blocked,
                tasks.trainings(),
                tasks.evaluations(),
                experiment.checkpoints().values().stream()
                        .filter(row -> row.saved().isPresent())
                        .toList(),
                SoupViews.of(experiment),
                Cost.of(experiment),
                platform(experiment),
                comparison(experiment),
                experiment.tasksDone(),
                experiment.tasks().size(),
                notes(experiment));
    }

    /** The id of the experiment. */
    public String id() {
        return request().experimentId();
    }

    /** Where it stands, in a word: the name of its phase, or PAUSED, or BLOCKED. */
    public String standing() {
        if (blocked.isPresent()) {
            return "BLOCKED";
        }
        return head.paused() && !head.phase().isFinal()
                ? "PAUSED"
                : head.phase().name();
    }

    /** Why it stands there; empty where there is nothing to say. */
    public String reason() {
        return blocked.orElse(head.reason());
    }

    /** True when nothing happens any more unless somebody repairs something. */
    public boolean ended() {
        return blocked.isPresent() || head.phase().isFinal();
    }

    /** The request that all this comes from. */
    public ExperimentRequest request() {
        return head.request();
    }

    private static SortedMap<String, SortedSet<String>> platform(Experiment experiment) {
        SortedMap<String, SortedSet<String>> platform = new TreeMap<>();
        experiment.tasks().values().stream()
                .flatMap(row -> row.training().stream())
                .forEach(done -> done.platform()
                        .forEach((key, value) -> platform.computeIfAbsent(key, _ -> new TreeSet<>())
                                .add(value)));
        return platform;
    }

    private static Optional<StoredFile> comparison(Experiment experiment) {
        return experiment.tasks().values().stream()
                .filter(row -> row.work() instanceof Work.Compare)
                .flatMap(row -> row.evaluation().stream())
                .flatMap((EvaluationSummary summary) -> summary.document().stream())
                .findFirst();
    }

    private static List<String> notes(Experiment experiment) {
        List<String> notes = new ArrayList<>();
        notes.add("validation scores of soups are optimistic: selected on this set");
        Experiment.Head head = experiment.head();
        if (!head.reason().isEmpty()) {
            notes.add(head.phase() + ": " + head.reason());
        }
        if (head.budgetSpent()) {
            notes.add("the budget is spent: soups are made of what existed by then");
        }
        if (head.request().leakage() == Leakage.ALLOW) {
            notes.add("leakage between splits is allowed by the request: scores may be too high");
        }
        experiment.tasks().values().stream()
                .filter(row -> row.status() == TaskRow.Status.FAILED)
                .forEach(row -> notes.add(row.id() + " was lost: " + row.reason()));
        experiment.soups().values().stream()
                .filter(row -> row.status() == SoupRow.Status.SPOILED)
                .forEach(row -> notes.add(row.id() + " is spoiled: " + row.reason()));
        experiment.soups().values().stream()
                .filter(row -> row.status() != SoupRow.Status.SPOILED)
                .forEach(row -> row.reestimation()
                        .filter(it -> it.status() == Reestimation.Status.LOST)
                        .ifPresent(it -> notes.add(
                                row.id() + " is served with its averaged BatchNorm statistics: " + it.reason())));
        experiment.divergences().forEach(divergence -> notes.add("divergent result: " + divergence));
        return notes;
    }
}
