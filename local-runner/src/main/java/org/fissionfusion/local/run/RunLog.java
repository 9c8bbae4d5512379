package org.fissionfusion.local.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingFailed;
import org.fissionfusion.events.TrainingTask;

/**
 * What the events of one experiment have said so far. Repeated records change nothing: the first result of a task
 * counts. Records may come in any order across topics.
 */
public final class RunLog {
    private final String experimentId;
    private final Map<String, TrainingTask> training = new TreeMap<>();
    private final Map<String, EvaluationTask> evaluations = new TreeMap<>();
    private final Map<String, Saved> checkpoints = new TreeMap<>();
    private final Map<String, TrainingCompleted> completed = new TreeMap<>();
    private final Map<String, TrainingFailed> failed = new TreeMap<>();
    private final Map<String, EvaluationCompleted> evaluated = new TreeMap<>();
    private final Map<String, SoupReady> soups = new TreeMap<>();
    private final Map<String, TaskProgress> progress = new LinkedHashMap<>();
    private ExperimentRequested request;
    private ExperimentStatus status;

    /** A checkpoint and the task that made it. */
    public record Saved(String taskId, CheckpointSaved checkpoint) {}

    public RunLog(String experimentId) {
        this.experimentId = experimentId;
    }

    /** Takes one record of any topic; records of other experiments are passed over. */
    public void apply(SpecificRecord event) {
        switch (event) {
            case ExperimentCommand command when mine(command.getExperimentId()) -> apply(command);
            case TrainingTask task when mine(task.getExperimentId()) -> training.put(task.getTaskId(), task);
            case EvaluationTask task when mine(task.getExperimentId()) -> evaluations.put(task.getTaskId(), task);
            case TaskResult result when mine(result.getExperimentId()) -> apply(result);
            case SoupReady soup when mine(soup.getExperimentId()) -> soups.putIfAbsent(soup.getSoupId(), soup);
            case ExperimentStatus now when mine(now.getExperimentId()) -> status = now;
            case TaskProgress beat when mine(beat.getExperimentId()) -> apply(beat);
            default -> {
                // of another experiment, or of no interest to a reader
            }
        }
    }

    private boolean mine(String id) {
        return experimentId.equals(id);
    }

    private void apply(ExperimentCommand command) {
        if (request == null && command.getCommand() instanceof ExperimentRequested requested) {
            request = requested;
        }
    }

    private void apply(TaskProgress beat) {
        if (!isOver(beat.getTaskId())) {
            progress.put(beat.getTaskId(), beat);
        }
    }

    private boolean isOver(String taskId) {
        return completed.containsKey(taskId) || failed.containsKey(taskId) || evaluated.containsKey(taskId);
    }

    private void apply(TaskResult result) {
        String task = result.getTaskId();
        switch (result.getResult()) {
            case CheckpointSaved saved -> checkpoints.putIfAbsent(saved.getCheckpointId(), new Saved(task, saved));
            case TrainingCompleted done -> completed.putIfAbsent(task, done);
            case TrainingFailed broken when broken.getPermanent() -> failed.putIfAbsent(task, broken);
            case EvaluationCompleted done -> evaluated.putIfAbsent(task, done);
            default -> {
                return; // handed back, or to be tried again
            }
        }
        if (isOver(task)) {
            progress.remove(task);
        }
    }

    public Optional<ExperimentRequested> request() {
        return Optional.ofNullable(request);
    }

    public Optional<ExperimentStatus> status() {
        return Optional.ofNullable(status);
    }

    /** Training tasks by id. */
    public Map<String, TrainingTask> training() {
        return training;
    }

    public Map<String, EvaluationTask> evaluations() {
        return evaluations;
    }

    public Map<String, Saved> checkpoints() {
        return checkpoints;
    }

    public Map<String, TrainingCompleted> completed() {
        return completed;
    }

    public Map<String, TrainingFailed> failed() {
        return failed;
    }

    public Map<String, EvaluationCompleted> evaluated() {
        return evaluated;
    }

    public Map<String, SoupReady> soups() {
        return soups;
    }

    /** The last heartbeat of every task under way. */
    public List<TaskProgress> underWay() {
        return List.copyOf(progress.values());
    }

    /** All scores of a single checkpoint, one per split. */
    public List<SplitScore> scoresOf(String checkpointId) {
        Map<String, SplitScore> bySplit = new LinkedHashMap<>();
        evaluations.forEach((taskId, task) -> {
            if (task.getWork() instanceof Scoring scoring
                    && scoring.getRecipe().getIngredients().size() == 1
                    && scoring.getRecipe().getIngredients().getFirst().getId().equals(checkpointId)
                    && evaluated.containsKey(taskId)) {
                evaluated.get(taskId).getScores().forEach(score -> bySplit.putIfAbsent(score.getSplit(), score));
            }
        });
        return new ArrayList<>(bySplit.values());
    }

    /** How many tastings of soups were asked for and how many are done. */
    public long tastings(boolean done) {
        return evaluations.entrySet().stream()
                .filter(entry -> entry.getValue().getWork() instanceof Scoring scoring && scoring.getTasting())
                .filter(entry -> !done || evaluated.containsKey(entry.getKey()))
                .count();
    }
}
