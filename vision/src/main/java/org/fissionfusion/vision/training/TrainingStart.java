package org.fissionfusion.vision.training;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run begins.
 *
 * @param weights safetensors file of the pretrained, probed or base model
 * @param optimizer fission only: the optimizer state of the base model
 * @param state a training state to go on from, which then replaces the other two
 */
public record TrainingStart(Path weights, Optional<Path> optimizer, Optional<Path> state) {
    public static TrainingStart from(Path weights) {
        return new TrainingStart(weights, Optional.empty(), Optional.empty());
    }

    public TrainingStart inheriting(Path optimizerState) {
        return new TrainingStart(weights, Optional.of(optimizerState), state);
    }

    public TrainingStart resuming(Path trainingState) {
        return new TrainingStart(weights, optimizer, Optional.of(trainingState));
    }
}
