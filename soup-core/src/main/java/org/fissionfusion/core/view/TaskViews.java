package org.fissionfusion.core.view;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.fissionfusion.core.experiment.EvaluationSummary;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.Ingredient;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.TrainingSummary;
import org.fissionfusion.core.experiment.Work;

/** Tasks in the order in which they are issued, each with its last sign of life. */
final class TaskViews {
    private final Experiment experiment;
    private final Map<String, Heartbeat> heartbeats;

    TaskViews(Experiment experiment, Map<String, Heartbeat> heartbeats) {
        this.experiment = experiment;
        this.heartbeats = heartbeats;
    }

    List<TrainingView> trainings() {
        return inOrder()
                .filter(row -> row.work() instanceof Work.Trained)
                .map(row -> training(row, (Work.Trained) row.work()))
                .toList();
    }

    List<EvaluationView> evaluations() {
        return inOrder()
                .filter(row -> !(row.work() instanceof Work.Trained))
                .map(this::evaluation)
                .toList();
    }

    private Stream<TaskRow> inOrder() {
        return experiment.tasks().values().stream()
                .sorted(Comparator.comparingInt(TaskRow::order).thenComparing(TaskRow::id));
    }

    private TrainingView training(TaskRow row, Work.Trained work) {
        Optional<TrainingSummary> done = row.training();
        Optional<Heartbeat> heard = heard(row);
        return new TrainingView(
                row.id(),
                work.stage(),
                work.learningRate(),
                work.augmentation(),
                work.seed(),
                row.status(),
                row.attempt(),
                worker(row, heard),
                row.attempts(),
                row.failures(),
                done.map(TrainingSummary::seconds).orElse(0.0),
                done.map(TrainingSummary::images).orElse(0L),
                done.map(TrainingSummary::log).orElse(List.of()),
                heard);
    }

    private EvaluationView evaluation(TaskRow row) {
        Optional<EvaluationSummary> done = row.evaluation();
        Optional<Heartbeat> heard = heard(row);
        return new EvaluationView(
                row.id(),
                kind(row.work()),
                subjects(row.work()),
                row.status(),
                row.attempt(),
                worker(row, heard),
                row.attempts(),
                row.failures(),
                done.map(EvaluationSummary::seconds).orElse(0.0),
                done.map(EvaluationSummary::images).orElse(0L),
                heard);
    }

    /** A heartbeat of an attempt that is over tells of nobody. */
    private Optional<Heartbeat> heard(TaskRow row) {
        return Optional.ofNullable(heartbeats.get(row.id()))
                .filter(beat -> row.status() == TaskRow.Status.ISSUED && beat.attempt() == row.attempt());
    }

    private static String worker(TaskRow row, Optional<Heartbeat> heard) {
        return row.worker().or(() -> heard.map(Heartbeat::worker)).orElse("");
    }

    private static String kind(Work work) {
        return switch (work) {
            case Work.Preflight _ -> "preflight";
            case Work.Score(var recipe, boolean sealedSplits, var _) ->
                sealedSplits ? "sealed-scoring" : recipe.divisor() > 1 ? "tasting" : "scoring";
            case Work.Persist _ -> "persisting";
            case Work.Serve _ -> "serving";
            case Work.Compare _ -> "comparing";
            case Work.Trained trained -> trained.stage().wireName();
        };
    }

    private static List<String> subjects(Work work) {
        return switch (work) {
            case Work.Preflight _, Work.Trained _ -> List.of();
            case Work.Score(var recipe, boolean _, var _) ->
                recipe.ingredients().stream().map(Ingredient::id).toList();
            case Work.Persist(String soupId, boolean _) -> List.of(soupId);
            case Work.Serve(String soupId) -> List.of(soupId);
            case Work.Compare(List<String> soupIds) -> soupIds;
        };
    }
}
