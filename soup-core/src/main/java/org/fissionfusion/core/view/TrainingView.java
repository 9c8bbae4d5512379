package org.fissionfusion.core.view;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.Attempt;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.Stage;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.request.Augmentation;

/**
 * A training task.
 *
 * @param worker who works on it, or did; empty while nobody does
 * @param attempts that have ended, oldest first
 * @param failures reasons of its failed attempts, oldest first
 * @param heartbeat while it runs and is heard of
 */
public record TrainingView(
        String id,
        Stage stage,
        double learningRate,
        Augmentation augmentation,
        long seed,
        TaskRow.Status status,
        int attempt,
        String worker,
        List<Attempt> attempts,
        List<String> failures,
        double seconds,
        long images,
        List<EpochLog> log,
        Optional<Heartbeat> heartbeat) {
    public TrainingView {
        attempts = List.copyOf(attempts);
        failures = List.copyOf(failures);
        log = List.copyOf(log);
    }
}
