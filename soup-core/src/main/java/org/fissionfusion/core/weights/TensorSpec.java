package org.fissionfusion.core.weights;

import java.util.Arrays;

/**
 * Name, element type and shape of a tensor; equal by content.
 *
 * @param name not empty and not {@code __metadata__}
 * @param dtype element type
 * @param shape sizes of the dimensions, each at least 0; empty for a scalar
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record TensorSpec(String name, DType dtype, long[] shape) {

    public TensorSpec {
        if (name.isEmpty() || name.equals("__metadata__")) {
            throw new IllegalArgumentException("name: '" + name + "' cannot name a tensor");
        }
        shape = shape.clone();
        long bytes = dtype.size();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("shape: " + Arrays.toString(shape) + " has a negative dimension");
            }
            try {
                bytes = Math.multiplyExact(bytes, dimension);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException("shape: " + Arrays.toString(shape) + " is too large", e);
            }
        }
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements, 1 for a scalar. */
    public long elements() {
        long elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        return elements;
    }

    /** Number of bytes. */
    public long byteSize() {
        return elements() * dtype.size();
    }

    /** True when type and shape are the same, whatever the names. */
    public boolean sameLayout(TensorSpec other) {
        return dtype == other.dtype && Arrays.equals(shape, other.shape);
    }

    /** Type and shape for a reader, {@code F32[64, 3, 3, 3]}. */
    public String layout() {
        return dtype + Arrays.toString(shape);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TensorSpec other && name.equals(other.name) && sameLayout(other);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + dtype.hashCode()) + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return name + ' ' + layout();
    }
}
