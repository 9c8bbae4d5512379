package org.fissionfusion.souper;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.EvaluationSummary;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.Priority;
import org.fissionfusion.core.experiment.SplitScore;
import org.fissionfusion.core.experiment.TrainingSummary;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.metric.Scorecard.FindingScore;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationFailed;
import org.fissionfusion.events.ExperimentCancelled;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentPaused;
import org.fissionfusion.events.ExperimentPrioritized;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.ExperimentResumed;
import org.fissionfusion.events.JournalEntry;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TaskReturned;
import org.fissionfusion.events.TaskSilent;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingFailed;

/** What came in as domain events; a thing this version does not know is an {@link IllegalArgumentException}. */
public final class EventMapper {
    private EventMapper() {}

    /** The event of one entry of the topic experiment-events. */
    public static ExperimentEvent fromJournal(JournalEntry entry) {
        return switch (entry.getEvent()) {
            case ExperimentCommand command -> fromCommand(command);
            case TaskResult result -> fromResult(result);
            case TaskSilent silent -> fromSilence(silent);
            case null, default -> throw unknown("journal entry", entry.getEvent());
        };
    }

    /** The event of one record of the topic experiment-commands. */
    public static ExperimentEvent fromCommand(ExperimentCommand command) {
        return switch (command.getCommand()) {
            case ExperimentRequested requested -> new ExperimentEvent.Requested(RequestMapper.fromEvent(requested));
            case ExperimentCancelled cancelled -> new ExperimentEvent.Cancelled(cancelled.getReason());
            case ExperimentPaused _ -> new ExperimentEvent.Paused();
            case ExperimentResumed _ -> new ExperimentEvent.Resumed();
            case ExperimentPrioritized prioritized ->
                new ExperimentEvent.Prioritized(
                        Priority.valueOf(prioritized.getPriority().name()));
            case null, default -> throw unknown("command", command.getCommand());
        };
    }

    /** The event of a task whose worker went silent. */
    public static ExperimentEvent fromSilence(TaskSilent silent) {
        return new ExperimentEvent.TaskSilent(
                silent.getTaskId(),
                silent.getAttempt(),
                silent.getWorker(),
                silent.getTakenOver(),
                silent.getSeconds());
    }

    /** The event of one record of the topic results. */
    public static ExperimentEvent fromResult(TaskResult result) {
        String task = result.getTaskId();
        int attempt = result.getAttempt();
        String worker = result.getWorker();
        double seconds = result.getSeconds();
        return switch (result.getResult()) {
            case CheckpointSaved saved ->
                new ExperimentEvent.CheckpointSaved(
                        task,
                        attempt,
                        worker,
                        saved.getCheckpointId(),
                        saved.getCycle(),
                        new CheckpointRow.Saved(
                                saved.getEpoch(),
                                RequestMapper.file(saved.getFile()),
                                saved.getWeightsDigest(),
                                optionalFile(saved.getOptimizerState()),
                                saved.getValidationLoss()));
            case TrainingCompleted done ->
                new ExperimentEvent.TrainingCompleted(task, attempt, worker, summary(done), seconds);
            case EvaluationCompleted done ->
                new ExperimentEvent.EvaluationCompleted(task, attempt, worker, summary(done), seconds);
            case TrainingFailed failed ->
                new ExperimentEvent.TaskFailed(
                        task,
                        attempt,
                        worker,
                        failed.getReason(),
                        failed.getPermanent(),
                        Optional.ofNullable(failed.getUnreadable()),
                        Optional.ofNullable(failed.getBefore()).map(EventMapper::summary),
                        seconds);
            case EvaluationFailed failed ->
                new ExperimentEvent.TaskFailed(
                        task,
                        attempt,
                        worker,
                        failed.getReason(),
                        failed.getPermanent(),
                        Optional.ofNullable(failed.getUnreadable()),
                        Optional.empty(),
                        seconds);
            case TaskReturned returned ->
                new ExperimentEvent.TaskReturned(task, attempt, worker, returned.getReason(), seconds);
            case null, default -> throw unknown("result", result.getResult());
        };
    }

    private static IllegalArgumentException unknown(String what, Object value) {
        return new IllegalArgumentException("unknown " + what + ": " + value);
    }

    private static Optional<StoredFile> optionalFile(org.fissionfusion.events.StoredFile file) {
        return Optional.ofNullable(file).map(RequestMapper::file);
    }

    private static TrainingSummary summary(TrainingCompleted done) {
        return new TrainingSummary(
                done.getEpochs(),
                done.getImages(),
                done.getSeconds(),
                done.getStoppedEarly(),
                done.getLog().stream()
                        .map(log -> new EpochLog(
                                log.getEpoch(),
                                log.getLearningRate(),
                                log.getTrainLoss(),
                                log.getValidationLoss(),
                                log.getValidationAccuracy(),
                                log.getSeconds(),
                                log.getImages()))
                        .toList(),
                done.getPlatform());
    }

    private static EvaluationSummary summary(EvaluationCompleted done) {
        return new EvaluationSummary(
                done.getWeightsDigest(),
                done.getScores().stream().map(EventMapper::score).toList(),
                Optional.ofNullable(done.getP()),
                optionalFile(done.getFile()),
                optionalFile(done.getDocument()),
                done.getSeconds(),
                done.getImages());
    }

    private static SplitScore score(org.fissionfusion.events.SplitScore event) {
        Map<String, Interval> metrics = new TreeMap<>();
        event.getMetrics()
                .forEach((name, it) -> metrics.put(name, new Interval(it.getValue(), it.getLow(), it.getHigh())));
        return new SplitScore(
                event.getSplit(),
                metrics,
                event.getLoss(),
                event.getImages(),
                event.getPerClassRecall(),
                event.getSupport(),
                event.getConfusion(),
                RequestMapper.file(event.getPredictions()),
                event.getFindings().stream()
                        .map(it -> new FindingScore(
                                it.getFinding(),
                                it.getPositives(),
                                it.getNegatives(),
                                Optional.ofNullable(it.getAuroc())
                                        .map(auroc -> new Interval(auroc.getValue(), auroc.getLow(), auroc.getHigh()))))
                        .toList());
    }

    static org.fissionfusion.events.SplitScore score(SplitScore score) {
        Map<String, org.fissionfusion.events.Interval> metrics = new TreeMap<>();
        score.metrics()
                .forEach((name, it) ->
                        metrics.put(name, new org.fissionfusion.events.Interval(it.value(), it.low(), it.high())));
        return new org.fissionfusion.events.SplitScore(
                score.split(),
                metrics,
                score.loss(),
                score.images(),
                List.copyOf(score.perClassRecall()),
                List.copyOf(score.support()),
                List.copyOf(score.confusion()),
                RequestMapper.file(score.predictions()),
                score.findings().stream()
                        .map(it -> new org.fissionfusion.events.FindingScore(
                                it.finding(),
                                it.positives(),
                                it.negatives(),
                                it.auroc()
                                        .map(auroc -> new org.fissionfusion.events.Interval(
                                                auroc.value(), auroc.low(), auroc.high()))
                                        .orElse(null)))
                        .toList());
    }
}
