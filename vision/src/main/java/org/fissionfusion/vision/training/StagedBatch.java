package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/** A batch where the engine computes, in the parts in which a step takes it. Closed when the step has been computed. */
final class StagedBatch implements AutoCloseable {
    private final NDManager memory;
    private final int count;
    private final double divisor;
    private final List<Part> parts = new ArrayList<>();

    /**
     * @param memory that of this batch alone
     * @param divisor of the summed loss
     */
    StagedBatch(NDManager memory, int count, double divisor) {
        this.memory = memory;
        this.count = count;
        this.divisor = divisor;
    }

    /** Some images, what is true of them, what of them is dropped, by name, and the seed of what a script drops. */
    record Part(NDArray images, NDArray targets, NDList masks, long seed) {}

    NDManager memory() {
        return memory;
    }

    int count() {
        return count;
    }

    double divisor() {
        return divisor;
    }

    List<Part> parts() {
        return parts;
    }

    @Override
    public void close() {
        memory.close();
    }
}
