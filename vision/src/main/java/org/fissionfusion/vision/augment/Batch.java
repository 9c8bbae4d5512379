package org.fissionfusion.vision.augment;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * One batch in a buffer that is used again: valid until the next call of {@link BatchSource#next}.
 *
 * <p>The pixels are normalised floats N x 3 x S x S in a direct buffer of the machine's byte order, limited to the
 * batch's {@link #count}.
 */
public final class Batch {
    private final ByteBuffer bytes;
    private final FloatBuffer floats;
    private final long[] labels;
    private final int[] indices;
    private final int imageFloats;
    private int count;

    Batch(ByteBuffer bytes, int batchSize) {
        this.bytes = bytes;
        this.floats = bytes.asFloatBuffer();
        this.labels = new long[batchSize];
        this.indices = new int[batchSize];
        this.imageFloats = floats.capacity() / batchSize;
    }

    /** Direct, native order, position 0, limit = 4 * count * 3 * S * S. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** The same memory as floats. */
    public FloatBuffer floats() {
        return floats;
    }

    /** Class indices, -1 where an image may show several findings; only the first {@link #count} are of this batch. */
    public long[] labels() {
        return labels;
    }

    /** Where in the set each image came from; only the first {@link #count} are of this batch. */
    public int[] indices() {
        return indices;
    }

    public int count() {
        return count;
    }

    void reset(int images) {
        count = images;
        bytes.limit(images * imageFloats * Float.BYTES).position(0);
        floats.limit(images * imageFloats).position(0);
    }
}
