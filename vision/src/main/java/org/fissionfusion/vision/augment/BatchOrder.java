package org.fissionfusion.vision.augment;

/** In which order a {@link BatchSource} hands out the images of its set. */
public enum BatchOrder {
    /** As they are stored: evaluation. */
    STORED,
    /** A new permutation for every epoch, a function of seed and epoch alone. */
    SHUFFLED,
    /**
     * Drawn with replacement, every class that is there equally often in expectation: a function of seed, epoch and
     * labels alone. As many images as the set has.
     */
    BALANCED
}
