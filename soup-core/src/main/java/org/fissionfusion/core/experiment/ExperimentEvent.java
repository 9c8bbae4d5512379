package org.fissionfusion.core.experiment;

import java.util.Optional;
import org.fissionfusion.core.request.ExperimentRequest;

/** What happened to an experiment: a user's command, a worker's result, or a silence the planner noticed. */
public sealed interface ExperimentEvent {

    /** A user asks for the experiment. */
    record Requested(ExperimentRequest request) implements ExperimentEvent {}

    /** A user cancels. */
    record Cancelled(String reason) implements ExperimentEvent {}

    /** A user pauses: nothing new is issued. */
    record Paused() implements ExperimentEvent {}

    /** A user resumes. */
    record Resumed() implements ExperimentEvent {}

    /** A user gives the experiment a priority. */
    record Prioritized(Priority priority) implements ExperimentEvent {}

    /** An event about one task. Seconds are those of the worker in this attempt, as far as they are known. */
    sealed interface OfTask extends ExperimentEvent {
        String taskId();

        int attempt();
    }

    /** A trainer saved a checkpoint. */
    record CheckpointSaved(
            String taskId, int attempt, String worker, String checkpointId, int cycle, CheckpointRow.Saved saved)
            implements OfTask {}

    /** A trainer finished a task. */
    record TrainingCompleted(String taskId, int attempt, String worker, TrainingSummary summary, double seconds)
            implements OfTask {}

    /** An evaluator finished a task. */
    record EvaluationCompleted(String taskId, int attempt, String worker, EvaluationSummary summary, double seconds)
            implements OfTask {}

    /**
     * A worker failed a task.
     *
     * @param permanent when another attempt would fail again
     * @param unreadable key of the stored file that was altered or is missing, where that is why
     * @param before what a training had done before it diverged
     */
    record TaskFailed(
            String taskId,
            int attempt,
            String worker,
            String reason,
            boolean permanent,
            Optional<String> unreadable,
            Optional<TrainingSummary> before,
            double seconds)
            implements OfTask {}

    /** A worker handed a task back unfinished. */
    record TaskReturned(String taskId, int attempt, String worker, String reason, double seconds) implements OfTask {}

    /**
     * A worker that had begun a task sent no heartbeat for too long.
     *
     * @param takenOver true when another worker is heard of with the same attempt: nothing is to be issued again
     */
    record TaskSilent(String taskId, int attempt, String worker, boolean takenOver, double seconds) implements OfTask {}
}
