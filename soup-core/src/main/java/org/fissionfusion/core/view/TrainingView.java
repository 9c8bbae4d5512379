package org.fissionfusion.core.view;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.Stage;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.request.Augmentation;

/**
 * A training task.
 *
 * @param worker who works on it, or did; empty while nobody does
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
        List<String> failures,
        double seconds,
        long images,
        List<EpochLog> log,
        Optional<Heartbeat> heartbeat) {
    public TrainingView {
        failures = List.copyOf(failures);
        log = List.copyOf(log);
    }
}
