package org.fissionfusion.core.weights;

import java.lang.foreign.MemorySegment;

/**
 * A tensor in memory.
 *
 * @param spec name, type and shape
 * @param bytes little-endian, row-major elements; exactly {@code spec.byteSize()} bytes
 */
public record Tensor(TensorSpec spec, MemorySegment bytes) {

    public Tensor {
        if (bytes.byteSize() != spec.byteSize()) {
            throw new IllegalArgumentException("bytes: " + bytes.byteSize() + " bytes given for " + spec);
        }
    }

    /** This tensor for the writer. */
    public TensorSource asSource() {
        return new TensorSource(spec, sink -> sink.accept(bytes));
    }
}
