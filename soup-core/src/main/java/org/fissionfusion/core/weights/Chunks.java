package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Passes through tensors of files in pieces that stay in the processor's cache, in memory that does not grow. */
final class Chunks {

    /** Elements of a piece. */
    static final int ELEMENTS = 1 << 14;

    private final MemorySegment buffer;

    /** Takes one piece: its first element, counted from the tensor's, and its bytes, which are then reused. */
    @FunctionalInterface
    interface ChunkTaker {
        void accept(long firstElement, MemorySegment bytes) throws IOException;
    }

    Chunks(Arena arena) {
        buffer = arena.allocate((long) ELEMENTS * Double.BYTES, Double.BYTES);
    }

    /** All pieces of a tensor in order. */
    void forEach(SafetensorsFile file, TensorSpec spec, ChunkTaker taker) throws IOException {
        long elements = spec.elements();
        for (long first = 0; first < elements; first += ELEMENTS) {
            int count = (int) Math.min(ELEMENTS, elements - first);
            taker.accept(first, read(file, spec, first, count));
        }
    }

    /** One piece of a tensor; valid until the next. */
    MemorySegment read(SafetensorsFile file, TensorSpec spec, long firstElement, int count) throws IOException {
        int size = spec.dtype().size();
        MemorySegment bytes = buffer.asSlice(0, (long) count * size);
        file.read(spec.name(), firstElement * size, bytes);
        return bytes;
    }
}
