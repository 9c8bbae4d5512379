package org.fissionfusion.trainer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.fissionfusion.core.request.ScriptedArchitecture;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.schedule.CyclicalSchedule;
import org.fissionfusion.core.schedule.EarlyStop;
import org.fissionfusion.events.OptimizerSpec;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.training.BatchNormEstimate;
import org.fissionfusion.vision.training.BatchNormMode;
import org.fissionfusion.vision.training.ImageInput;
import org.fissionfusion.vision.training.OptimizerSettings;
import org.fissionfusion.vision.training.TrainingPlan;
import org.fissionfusion.vision.training.TrainingStage;

/** Tasks as the training loop understands them. */
final class Plans {
    private Plans() {}

    /**
     * @param workers threads that make batches ahead
     * @param scripts gives the file of a scripted network
     * @throws TaskRefused when a value cannot be trained with
     */
    static TrainingPlan of(TrainingTask task, int workers, Function<ScriptedArchitecture, Path> scripts)
            throws IOException {
        try {
            return new TrainingPlan(
                    Architecture.of(task.getArchitecture(), task.getImageSize(), task.getClasses(), scripts),
                    task.getClasses(),
                    stage(task),
                    input(task, workers),
                    optimizer(task.getOptimizer()),
                    task.getSeed(),
                    Options.of(task));
        } catch (IllegalArgumentException e) {
            throw new TaskRefused(e.getMessage(), e);
        }
    }

    /**
     * How a soup's BatchNorm statistics are estimated.
     *
     * @throws TaskRefused when a value cannot be worked with
     */
    static BatchNormEstimate estimate(TrainingTask task, int workers) {
        try {
            return new BatchNormEstimate(
                    Architecture.named(task.getArchitecture(), task.getImageSize()),
                    task.getClasses(),
                    input(task, workers),
                    task.getSeed());
        } catch (IllegalArgumentException e) {
            throw new TaskRefused(e.getMessage(), e);
        }
    }

    private static ImageInput input(TrainingTask task, int workers) {
        return new ImageInput(
                task.getImageSize(),
                new Normalisation(
                        task.getMean().stream().map(Double::floatValue).toList(),
                        task.getStd().stream().map(Double::floatValue).toList()),
                augmentation(task),
                task.getBatchSize(),
                workers);
    }

    private static TrainingStage stage(TrainingTask task) {
        return switch (task.getStage()) {
            case LINEAR_PROBE ->
                new TrainingStage.LinearProbe(
                        new CosineSchedule(task.getLearningRate(), task.getEpochs()), batchNorm(task));
            case FINE_TUNE ->
                new TrainingStage.FineTune(
                        new CosineSchedule(task.getLearningRate(), task.getEpochs()),
                        Optional.ofNullable(task.getEarlyStop())
                                .map(stop -> new EarlyStop(stop.getPatience(), stop.getMinDelta())));
            case FISSION ->
                new TrainingStage.Fission(
                        task.getEpochs(),
                        new CyclicalSchedule(task.getMaxLearningRate(), task.getMinLearningRate(), task.getCycle()),
                        task.getLearningRate());
            case BATCH_NORM -> throw new IllegalArgumentException("stage: batch-norm trains nothing");
            case UNKNOWN ->
                throw new TaskRefused("stage: unknown; allowed are linear-probe, fine-tune, fission, batch-norm");
        };
    }

    private static BatchNormMode batchNorm(TrainingTask task) {
        return switch (task.getBatchNorm()) {
            case BATCH -> BatchNormMode.BATCH;
            case FROZEN -> BatchNormMode.FROZEN;
            case UNKNOWN -> throw new TaskRefused("batchNorm: unknown; allowed are batch, frozen");
        };
    }

    private static Augmentation augmentation(TrainingTask task) {
        return switch (task.getAugmentation()) {
            case NONE -> Augmentation.NONE;
            case MINIMAL -> Augmentation.MINIMAL;
            case MEDIUM -> Augmentation.MEDIUM;
            case HEAVY -> Augmentation.HEAVY;
            case UNKNOWN -> throw new TaskRefused("augmentation: unknown; allowed are none, minimal, medium, heavy");
        };
    }

    private static OptimizerSettings optimizer(OptimizerSpec spec) {
        return new OptimizerSettings(
                spec.getWeightDecay(),
                spec.getBeta1(),
                spec.getBeta2(),
                spec.getEpsilon(),
                spec.getSpareNormsAndBiases());
    }
}
