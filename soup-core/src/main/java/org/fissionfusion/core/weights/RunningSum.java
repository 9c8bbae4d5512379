package org.fissionfusion.core.weights;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * The float64 sum of ingredients added in ranking order: the cache of a greedy soup, so that a tasting reads only
 * the candidate. Its means are bit-equal to those blended from scratch. Holds two to four times the bytes of one
 * ingredient, however many were added. Not safe for use by several threads at once.
 */
public final class RunningSum implements AutoCloseable {

    /** An empty sum. */
    public RunningSum() {}

    /**
     * Adds the next ingredient; the first one fixes names, types and shapes and supplies the integer tensors.
     *
     * @throws WeightsException naming the tensor and both layouts when they differ; the sum is then unchanged
     */
    public void add(SafetensorsFile ingredient) throws WeightsException {
        throw new UnsupportedOperationException(ingredient.toString());
    }

    /** Number of ingredients added. */
    public int count() {
        throw new UnsupportedOperationException();
    }

    /** An independent copy. */
    public RunningSum copy() {
        throw new UnsupportedOperationException();
    }

    /** The mean of what was added, by tensor name. */
    public Map<String, MemorySegment> mean() {
        throw new UnsupportedOperationException();
    }

    /** The mean of what was added and a candidate, which is not added. */
    public List<Tensor> meanWith(SafetensorsFile candidate) throws WeightsException {
        throw new UnsupportedOperationException(candidate.toString());
    }

    /** The mean of what was added. */
    public List<Tensor> meanTensors() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
