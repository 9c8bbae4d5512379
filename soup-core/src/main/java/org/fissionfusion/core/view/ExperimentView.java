package org.fissionfusion.core.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.experiment.EvaluationSummary;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.TrainingSummary;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.Leakage;
import org.fissionfusion.core.request.StoredFile;

/**
 * Everything that a person may want to see of an experiment. A function of the experiment, which is the fold of its
 * journal, and of the heartbeats of the moment.
 *
 * @param trainings in the order in which they are issued
 * @param checkpoints that were saved, by id
 * @param soups in the order of the request's strategies, lower soups before those made of them
 * @param comparison document of the paired comparison of the strategies
 * @param notes what a reader of the results must know
 */
public record ExperimentView(
        Experiment.Head head,
        List<TrainingView> trainings,
        List<CheckpointRow> checkpoints,
        List<SoupView> soups,
        Cost cost,
        Optional<StoredFile> comparison,
        int tasksDone,
        int tasksTotal,
        List<String> notes) {
    public ExperimentView {
        trainings = List.copyOf(trainings);
        checkpoints = List.copyOf(checkpoints);
        soups = List.copyOf(soups);
        notes = List.copyOf(notes);
    }

    /** The view of an experiment of which nothing is heard right now. */
    public static ExperimentView of(Experiment experiment) {
        return of(experiment, Map.of());
    }

    /**
     * The view of an experiment whose workers are heard.
     *
     * @param heartbeats the last of each running task, by task id
     */
    public static ExperimentView of(Experiment experiment, Map<String, Heartbeat> heartbeats) {
        return new ExperimentView(
                experiment.head(),
                trainings(experiment, heartbeats),
                experiment.checkpoints().values().stream()
                        .filter(row -> row.saved().isPresent())
                        .toList(),
                SoupViews.of(experiment),
                Cost.of(experiment),
                comparison(experiment),
                experiment.tasksDone(),
                experiment.tasks().size(),
                notes(experiment));
    }

    /** Folds a journal; empty while it does not begin with a request. */
    public static Optional<Experiment> fold(Iterable<ExperimentEvent> journal) {
        Optional<Experiment> experiment = Optional.empty();
        for (ExperimentEvent event : journal) {
            experiment = Optional.ofNullable(Experiment.step(experiment, event).next());
        }
        return experiment;
    }

    /** The request that all this comes from. */
    public ExperimentRequest request() {
        return head.request();
    }

    private static List<TrainingView> trainings(Experiment experiment, Map<String, Heartbeat> heartbeats) {
        List<TrainingView> views = new ArrayList<>();
        experiment.tasks().values().stream()
                .sorted(Comparator.comparingInt(TaskRow::order).thenComparing(TaskRow::id))
                .forEach(row -> {
                    if (row.work() instanceof Work.Trained trained) {
                        views.add(training(row, trained, heartbeats));
                    }
                });
        return views;
    }

    private static TrainingView training(TaskRow row, Work.Trained work, Map<String, Heartbeat> heartbeats) {
        Optional<TrainingSummary> done = row.training();
        Optional<Heartbeat> heard =
                Optional.ofNullable(heartbeats.get(row.id())).filter(beat -> !row.settled());
        return new TrainingView(
                row.id(),
                work.stage(),
                work.learningRate(),
                work.augmentation(),
                work.seed(),
                row.status(),
                row.attempt(),
                row.failures(),
                done.map(TrainingSummary::seconds).orElse(0.0),
                done.map(TrainingSummary::images).orElse(0L),
                done.map(TrainingSummary::log).orElse(List.of()),
                heard);
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
                .forEach(row -> notes.add(row.id() + " was lost: "
                        + (row.failures().isEmpty() ? "not run" : row.failures().getLast())));
        experiment.divergences().forEach(divergence -> notes.add("divergent result: " + divergence));
        return notes;
    }
}
