package org.fissionfusion.vision.training;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A checkpoint on disk.
 *
 * @param cycle 0 for the best epoch of a linear probe or fine-tuning, 1, 2, ... for fission
 * @param epoch whose weights these are
 * @param optimizer the moments that belong to these weights; fission checkpoints have none
 */
public record SavedCheckpoint(
        int cycle, int epoch, Path weights, String weightsDigest, Optional<Path> optimizer, double validationLoss) {}
