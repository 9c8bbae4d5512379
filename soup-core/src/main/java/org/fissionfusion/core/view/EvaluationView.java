package org.fissionfusion.core.view;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.Attempt;
import org.fissionfusion.core.experiment.TaskRow;

/**
 * An evaluation task.
 *
 * @param kind preflight, scoring, tasting, sealed-scoring, persisting, serving or comparing
 * @param subjects ids of what is scored, written or compared
 * @param worker who works on it, or did; empty while nobody does
 * @param attempts that have ended, oldest first
 * @param failures reasons of its failed attempts, oldest first
 * @param heartbeat while it runs and is heard of
 */
public record EvaluationView(
        String id,
        String kind,
        List<String> subjects,
        TaskRow.Status status,
        int attempt,
        String worker,
        List<Attempt> attempts,
        List<String> failures,
        double seconds,
        long images,
        Optional<Heartbeat> heartbeat) {
    public EvaluationView {
        subjects = List.copyOf(subjects);
        attempts = List.copyOf(attempts);
        failures = List.copyOf(failures);
    }
}
