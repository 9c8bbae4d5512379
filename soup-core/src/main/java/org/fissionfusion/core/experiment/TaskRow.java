package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.Attempt.Outcome;

/**
 * The only truth about a task; a queue record is a hint.
 *
 * <pre>
 * PLANNED ─▶ ISSUED ─▶ DONE
 *    ▲          ├───▶ FAILED (permanently, tried often enough, or not wanted any more)
 *    └──────────┘ returned, silent or failed: attempt + 1
 * </pre>
 *
 * @param attempt number of the attempt that is or will be issued
 * @param attempts that have ended, in the order in which that became known
 * @param reason why it is given up, empty unless it is
 */
public record TaskRow(
        String id,
        int order,
        Work work,
        Status status,
        int attempt,
        List<Attempt> attempts,
        String reason,
        Optional<TrainingSummary> training,
        Optional<EvaluationSummary> evaluation) {
    public TaskRow {
        attempts = List.copyOf(attempts);
    }

    /** Where a task stands. */
    public enum Status {
        PLANNED,
        ISSUED,
        DONE,
        FAILED
    }

    static TaskRow planned(String id, int order, Work work) {
        return new TaskRow(id, order, work, Status.PLANNED, 1, List.of(), "", Optional.empty(), Optional.empty());
    }

    TaskRow issued() {
        return with(Status.ISSUED, attempt, reason);
    }

    TaskRow numbered(int number) {
        return with(status, number, reason);
    }

    /** To be issued once more. */
    TaskRow again() {
        return with(Status.PLANNED, attempt + 1, reason);
    }

    TaskRow givenUp(String why) {
        return with(Status.FAILED, attempt, why);
    }

    private TaskRow with(Status next, int number, String why) {
        return new TaskRow(id, order, work, next, number, attempts, why, training, evaluation);
    }

    TaskRow tried(Attempt ended) {
        List<Attempt> all = new ArrayList<>(attempts);
        all.add(ended);
        return new TaskRow(id, order, work, status, attempt, all, reason, training, evaluation);
    }

    /** Its completion, which may come before its last checkpoint. */
    TaskRow summarised(TrainingSummary summary) {
        return new TaskRow(id, order, work, status, attempt, attempts, reason, Optional.of(summary), evaluation);
    }

    TaskRow trained() {
        return with(Status.DONE, attempt, reason);
    }

    TaskRow evaluated(EvaluationSummary summary) {
        return new TaskRow(id, order, work, Status.DONE, attempt, attempts, reason, training, Optional.of(summary));
    }

    /** True when no more result is awaited. */
    public boolean settled() {
        return status == Status.DONE || status == Status.FAILED;
    }

    /** Whose result counted, once there is one. */
    public Optional<String> worker() {
        return attempts.stream()
                .filter(ended -> ended.outcome() == Outcome.DONE)
                .map(Attempt::worker)
                .findFirst();
    }

    /** Why attempts failed, oldest first, and last why it was given up. */
    public List<String> failures() {
        List<String> reasons = new ArrayList<>();
        for (Attempt ended : attempts) {
            if (ended.outcome() == Outcome.FAILED || ended.outcome() == Outcome.SILENT) {
                reasons.add(ended.text());
            }
        }
        if (!reason.isEmpty() && (reasons.isEmpty() || !reasons.getLast().equals(reason))) {
            reasons.add(reason);
        }
        return reasons;
    }
}
