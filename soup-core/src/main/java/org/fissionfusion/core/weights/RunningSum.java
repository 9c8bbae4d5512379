package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The float64 sum of ingredients added in ranking order: the cache of a greedy soup, so that a tasting reads only
 * the candidate. Its means are bit-equal to those blended from scratch. Holds the ingredient's elements as float64,
 * however many were added. Not safe for use by several threads at once.
 */
public final class RunningSum implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final Chunks chunks = new Chunks(arena);
    private final Accumulator accumulator = new Accumulator();
    private final Map<String, MemorySegment> kept = new LinkedHashMap<>();
    private Layout layout;
    private int count;

    /** An empty sum. */
    public RunningSum() {}

    /**
     * Adds the next ingredient; the first one fixes names, types and shapes and supplies the integer tensors.
     *
     * @throws WeightsException naming the tensor and both layouts when they differ; the sum is then unchanged
     * @throws IOException when the ingredient cannot be read; the sum is then of no use any more
     */
    public void add(SafetensorsFile ingredient) throws IOException {
        if (layout == null) {
            layout = Layout.of(ingredient);
            for (TensorSpec spec : layout.specs()) {
                kept.put(spec.name(), arena.allocate(keptBytes(spec), Double.BYTES));
            }
        } else {
            layout.require(ingredient);
        }
        for (TensorSpec spec : layout.specs()) {
            MemorySegment sums = kept.get(spec.name());
            chunks.forEach(ingredient, spec, (first, bytes) -> {
                if (spec.dtype().floating()) {
                    int elements = (int) (bytes.byteSize() / spec.dtype().size());
                    sum(spec, first, elements, bytes);
                    accumulator.keep(sums, first, elements);
                } else if (count == 0) {
                    MemorySegment.copy(bytes, 0, sums, first * spec.dtype().size(), bytes.byteSize());
                }
            });
        }
        count++;
    }

    /** Number of ingredients added. */
    public int count() {
        return count;
    }

    /** An independent copy. */
    public RunningSum copy() {
        RunningSum copy = new RunningSum();
        copy.layout = layout;
        copy.count = count;
        kept.forEach((name, sums) -> copy.kept.put(
                name, copy.arena.allocate(sums.byteSize(), Double.BYTES).copyFrom(sums)));
        return copy;
    }

    /** The mean of what was added, by tensor name, in memory that the garbage collector frees. */
    public Map<String, MemorySegment> mean() {
        Map<String, MemorySegment> mean = new LinkedHashMap<>();
        meanTensors(Arena.ofAuto()).forEach(tensor -> mean.put(tensor.spec().name(), tensor.bytes()));
        return mean;
    }

    /** The mean of what was added, in memory that the garbage collector frees. */
    public List<Tensor> meanTensors() {
        return meanTensors(Arena.ofAuto());
    }

    /** The mean of what was added, in memory of the caller's. */
    public List<Tensor> meanTensors(SegmentAllocator memory) {
        if (count == 0) {
            throw new IllegalStateException("a soup needs an ingredient");
        }
        List<Tensor> mean = new ArrayList<>();
        for (TensorSpec spec : layout.specs()) {
            MemorySegment out = memory.allocate(spec.byteSize(), Double.BYTES);
            MemorySegment sums = kept.get(spec.name());
            if (spec.dtype().floating()) {
                for (long first = 0; first < spec.elements(); first += Chunks.ELEMENTS) {
                    int elements = (int) Math.min(Chunks.ELEMENTS, spec.elements() - first);
                    accumulator.load(sums, first, elements);
                    accumulator.mean(spec.dtype(), count, slice(spec, out, first, elements), elements);
                }
            } else {
                out.copyFrom(sums);
            }
            mean.add(new Tensor(spec, out));
        }
        return List.copyOf(mean);
    }

    /** The mean of what was added and a candidate, which is not added; in memory that the garbage collector frees. */
    public List<Tensor> meanWith(SafetensorsFile candidate) throws IOException {
        return meanWith(candidate, Arena.ofAuto());
    }

    /**
     * The mean of what was added and a candidate, which is not added; in memory of the caller's.
     *
     * @throws WeightsException naming the tensor and both layouts when they differ
     */
    public List<Tensor> meanWith(SafetensorsFile candidate, SegmentAllocator memory) throws IOException {
        Layout shared = layout == null ? Layout.of(candidate) : layout;
        shared.require(candidate);
        List<Tensor> mean = new ArrayList<>();
        for (TensorSpec spec : shared.specs()) {
            MemorySegment out = memory.allocate(spec.byteSize(), Double.BYTES);
            if (spec.dtype().floating()) {
                chunks.forEach(candidate, spec, (first, bytes) -> {
                    int elements = (int) (bytes.byteSize() / spec.dtype().size());
                    sum(spec, first, elements, bytes);
                    accumulator.mean(spec.dtype(), count + 1, slice(spec, out, first, elements), elements);
                });
            } else if (count > 0) {
                out.copyFrom(kept.get(spec.name()));
            } else {
                chunks.forEach(
                        candidate,
                        spec,
                        (first, bytes) -> slice(spec, out, first, (int)
                                        (bytes.byteSize() / spec.dtype().size()))
                                .copyFrom(bytes));
            }
            mean.add(new Tensor(spec, out));
        }
        return List.copyOf(mean);
    }

    @Override
    public void close() {
        arena.close();
    }

    private void sum(TensorSpec spec, long first, int elements, MemorySegment bytes) {
        if (count == 0) {
            accumulator.set(spec.dtype(), bytes, elements);
        } else {
            accumulator.load(kept.get(spec.name()), first, elements);
            accumulator.add(spec.dtype(), bytes, elements);
        }
    }

    private static MemorySegment slice(TensorSpec spec, MemorySegment tensor, long first, int elements) {
        int size = spec.dtype().size();
        return tensor.asSlice(first * size, (long) elements * size);
    }

    private static long keptBytes(TensorSpec spec) {
        return spec.elements()
                * (spec.dtype().floating() ? Double.BYTES : spec.dtype().size());
    }
}
