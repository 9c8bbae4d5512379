package org.fissionfusion.vision.images;

/** Is told how far a preparation is. */
@FunctionalInterface
public interface PreparationListener {
    /** Nobody is told. */
    PreparationListener NOBODY = (pictures, of) -> {};

    /** So many of all pictures are decoded, or found to be corrupt. */
    void decoded(int pictures, int of);

    /** What begins now, in words. */
    default void step(String what) {}
}
