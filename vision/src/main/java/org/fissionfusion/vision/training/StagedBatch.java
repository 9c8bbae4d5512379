package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * A batch where the engine computes. Closed when the step has been computed.
 *
 * @param memory that of this batch alone
 * @param count its images
 * @param divisor of the summed loss
 * @param parts in which a step takes it
 */
record StagedBatch(NDManager memory, int count, double divisor, List<Part> parts) implements AutoCloseable {
    /** Some images, what is true of them, what of them is dropped, by name, and the seed of what a script drops. */
    record Part(NDArray images, NDArray targets, NDList masks, long seed) {}

    @Override
    public void close() {
        memory.close();
    }
}
