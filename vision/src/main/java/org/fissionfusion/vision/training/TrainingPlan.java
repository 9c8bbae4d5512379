package org.fissionfusion.vision.training;

import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.SplitMix;

/**
 * Everything that decides the bytes of a training run, but weights, images and engine.
 *
 * @param seed of a new head, the order of images and their augmentation
 */
public record TrainingPlan(
        Architecture architecture,
        int classes,
        TrainingStage stage,
        ImageInput input,
        OptimizerSettings optimizer,
        long seed,
        Refinements refinements) {
    public TrainingPlan {
        if (classes < 2) {
            throw new IllegalArgumentException("classes: " + classes + " is less than 2");
        }
        architecture.requireImageSize(input.imageSize());
    }

    /** A plan of the paper's kind. */
    public TrainingPlan(
            Architecture architecture,
            int classes,
            TrainingStage stage,
            ImageInput input,
            OptimizerSettings optimizer,
            long seed) {
        this(architecture, classes, stage, input, optimizer, seed, Refinements.PAPER);
    }

    /** Seed of order and augmentation; fission lines of different rates see different orders. */
    public long imageSeed() {
        return switch (stage) {
            case TrainingStage.LinearProbe _, TrainingStage.FineTune _ -> seed;
            case TrainingStage.Fission fission -> SplitMix.hash(seed, Double.doubleToLongBits(fission.groupRate()));
        };
    }

    boolean headOnly() {
        return stage instanceof TrainingStage.LinearProbe;
    }

    boolean batchStatistics() {
        return switch (stage) {
            case TrainingStage.LinearProbe probe -> probe.batchNorm() == BatchNormMode.BATCH;
            case TrainingStage.FineTune _, TrainingStage.Fission _ -> true;
        };
    }

    /** What must be the same for a saved state to be continued. */
    String fingerprint() {
        return "%s %d %s %d %s %s %d %s %d"
                        .formatted(
                                architecture,
                                classes,
                                stage instanceof TrainingStage.FineTune tune
                                        ? tune.rates() + " " + tune.earlyStop()
                                        : stage,
                                input.imageSize(),
                                input.normalisation(),
                                input.augmentation(),
                                input.batchSize(),
                                optimizer,
                                seed)
                + (refinements.equals(Refinements.PAPER) ? "" : " " + refinements);
    }
}
