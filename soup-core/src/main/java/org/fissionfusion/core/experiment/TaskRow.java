package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The only truth about a task; a queue record is a hint.
 *
 * <pre>
 * PLANNED ─▶ ISSUED ─▶ DONE
 *    ▲          ├───▶ FAILED (permanent, or three failed attempts)
 *    └──────────┘ returned, silent or failed: attempt + 1
 * </pre>
 *
 * @param worker whose result counted, once there is one
 */
public record TaskRow(
        String id,
        int order,
        Work work,
        Status status,
        int attempt,
        List<String> failures,
        Optional<TrainingSummary> training,
        Optional<EvaluationSummary> evaluation,
        Optional<String> worker) {
    public TaskRow {
        failures = List.copyOf(failures);
    }

    /** Where a task stands. */
    public enum Status {
        PLANNED,
        ISSUED,
        DONE,
        FAILED
    }

    static TaskRow planned(String id, int order, Work work) {
        return new TaskRow(
                id, order, work, Status.PLANNED, 1, List.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    TaskRow issued() {
        return new TaskRow(id, order, work, Status.ISSUED, attempt, failures, training, evaluation, worker);
    }

    TaskRow returned() {
        return new TaskRow(id, order, work, Status.PLANNED, attempt + 1, failures, training, evaluation, worker);
    }

    TaskRow failedOnce(String reason) {
        return new TaskRow(id, order, work, Status.PLANNED, attempt + 1, with(reason), training, evaluation, worker);
    }

    TaskRow givenUp(String reason) {
        return new TaskRow(id, order, work, Status.FAILED, attempt, with(reason), training, evaluation, worker);
    }

    /** Its completion came before its last checkpoint. */
    TaskRow summarised(TrainingSummary summary, String by) {
        return new TaskRow(
                id, order, work, status, attempt, failures, Optional.of(summary), evaluation, Optional.of(by));
    }

    TaskRow trained(TrainingSummary summary, String by) {
        return new TaskRow(
                id, order, work, Status.DONE, attempt, failures, Optional.of(summary), evaluation, Optional.of(by));
    }

    TaskRow evaluated(EvaluationSummary summary, String by) {
        return new TaskRow(
                id, order, work, Status.DONE, attempt, failures, training, Optional.of(summary), Optional.of(by));
    }

    /** True when no more result is awaited. */
    public boolean settled() {
        return status == Status.DONE || status == Status.FAILED;
    }

    private List<String> with(String reason) {
        List<String> all = new ArrayList<>(failures);
        all.add(reason);
        return all;
    }
}
