package org.fissionfusion.trainer;

import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.Meters;
import org.fissionfusion.runtime.ObjectWriter;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.training.EpochLog;
import org.fissionfusion.vision.training.SavedCheckpoint;
import org.fissionfusion.vision.training.StepProgress;
import org.fissionfusion.vision.training.TrainingListener;
import org.fissionfusion.vision.training.TrainingPlan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what a run reports into heartbeats, saved states and announced checkpoints. */
final class AttemptListener implements TrainingListener {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptListener.class);

    private final TrainingTask task;
    private final String startWeightsDigest;
    private final TrainingPlan plan;
    private final Announcer announcer;
    private final TaskAttempt.Epochs epochs;

    AttemptListener(
            TrainingTask task,
            String startWeightsDigest,
            TrainingPlan plan,
            Announcer announcer,
            TaskAttempt.Epochs epochs) {
        this.task = task;
        this.startWeightsDigest = startWeightsDigest;
        this.plan = plan;
        this.announcer = announcer;
        this.epochs = epochs;
    }

    /** A checkpoint that is to be stored and announced. */
    record Checkpoint(
            int cycle,
            int epoch,
            ObjectWriter weights,
            String weightsDigest,
            Optional<Path> optimizer,
            double validationLoss) {}

    /** Stores and announces checkpoints. */
    @FunctionalInterface
    interface Announcer {
        void announce(Checkpoint checkpoint, TaskAttempt.Claim claim);
    }

    @Override
    public void onBatch(Duration waited) {
        Meters.count(
                "fissionfusion.training.data.wait.seconds",
                "time that steps waited for their images; its rate is the share of time",
                Tags.empty(),
                waited.toNanos() / 1e9);
    }

    @Override
    public void onStep(StepProgress progress) {
        epochs.heartbeat().accept(Progress.of(task, epochs.claim().worker(), progress));
    }

    @Override
    public void onWarning(String warning) {
        LOG.atWarn()
                .addKeyValue("taskId", task.getTaskId())
                .addKeyValue("warning", warning)
                .log("training goes on with a doubtful setting");
    }

    /** Comes after the epoch's checkpoint: a state is never saved before what it makes unrepeatable is announced. */
    @Override
    public void onEpoch(EpochLog log, Path state) throws IOException {
        epochs.claim().save(log.epoch(), state);
    }

    @Override
    public void onCheckpoint(SavedCheckpoint saved) throws IOException {
        Map<String, String> lineage = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(saved.weights())) {
            lineage.putAll(file.metadata());
        }
        lineage.putAll(CheckpointNames.lineage(task, saved.cycle(), saved.epoch(), startWeightsDigest));
        ModelWeights weights = ModelWeights.read(saved.weights(), plan.architecture(), plan.classes());
        Optional<Path> optimizer = task.getStage() == Stage.FINE_TUNE ? saved.optimizer() : Optional.empty();
        announcer.announce(
                new Checkpoint(
                        saved.cycle(),
                        saved.epoch(),
                        target -> weights.write(target, lineage),
                        saved.weightsDigest(),
                        optimizer,
                        saved.validationLoss()),
                epochs.claim());
    }
}
