package org.fissionfusion.vision.augment;

/** In which order a {@link BatchSource} hands out the images of its set. */
public enum BatchOrder {
    /** As they are stored: evaluation. */
    STORED,
    /** A new permutation for every epoch, a function of seed and epoch alone. */
    SHUFFLED
}
