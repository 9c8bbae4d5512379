package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A tensor whose bytes are made while they are written.
 *
 * @param spec name, type and shape
 * @param content hands over exactly {@code spec.byteSize()} bytes, in order, in pieces of any size
 */
public record TensorSource(TensorSpec spec, SegmentWriter content) {

    /** Makes the bytes of one tensor. */
    @FunctionalInterface
    public interface SegmentWriter {
        void writeTo(SegmentSink sink) throws IOException;
    }

    /** Takes the bytes of one tensor piece by piece; a piece may be reused after the call. */
    @FunctionalInterface
    public interface SegmentSink {
        void accept(MemorySegment piece) throws IOException;
    }

    /** A source over bytes in memory. */
    public static TensorSource of(TensorSpec spec, MemorySegment bytes) {
        return new Tensor(spec, bytes).asSource();
    }
}
