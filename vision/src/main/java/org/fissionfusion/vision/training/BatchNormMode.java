package org.fissionfusion.vision.training;

/** What BatchNorm does while only the head is trained. */
public enum BatchNormMode {
    /** Normalises by the batch and updates the running statistics (paper). */
    BATCH,
    /** Normalises by the running statistics, which stay as they are. */
    FROZEN
}
