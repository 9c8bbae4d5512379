package org.fissionfusion.core.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The only arithmetic of a soup: one piece of a tensor summed in float64 in the order of the calls, divided once and
 * rounded once (to nearest, ties to even) to the tensor's type. The first ingredient is taken as it is, so that a soup
 * of one is that one bit for bit, negative zeros included.
 */
final class Accumulator {

    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The bits of a double that float32 has no room for, and the last that it has. */
    private static final long BELOW_FLOAT = 0x1fffffffL;

    private static final long LAST_OF_FLOAT = 0x20000000L;

    private final double[] sums = new double[Chunks.ELEMENTS];
    private final double[] doubles = new double[Chunks.ELEMENTS];
    private final float[] floats = new float[Chunks.ELEMENTS];
    private final short[] shorts = new short[Chunks.ELEMENTS];

    /** Replaces the sums by the first ingredient's elements. */
    void set(DType type, MemorySegment bytes, int count) {
        if (type == DType.F64) {
            MemorySegment.copy(bytes, F64, 0, sums, 0, count);
            return;
        }
        widen(type, bytes, count);
        for (int i = 0; i < count; i++) {
            sums[i] = floats[i];
        }
    }

    /** Adds the next ingredient's elements. */
    void add(DType type, MemorySegment bytes, int count) {
        if (type == DType.F64) {
            MemorySegment.copy(bytes, F64, 0, doubles, 0, count);
            for (int i = 0; i < count; i++) {
                sums[i] += doubles[i];
            }
            return;
        }
        widen(type, bytes, count);
        for (int i = 0; i < count; i++) {
            sums[i] += floats[i];
        }
    }

    /** Takes up sums that were kept. */
    void load(MemorySegment kept, long firstElement, int count) {
        MemorySegment.copy(kept, F64, firstElement * Double.BYTES, sums, 0, count);
    }

    /** Keeps the sums. */
    void keep(MemorySegment kept, long firstElement, int count) {
        MemorySegment.copy(sums, 0, kept, F64, firstElement * Double.BYTES, count);
    }

    /** Writes the mean as elements of the type. */
    void mean(DType type, int divisor, MemorySegment out, int count) {
        switch (type) {
            case F64 -> meanOfDoubles(divisor, out, count);
            case F32 -> meanOfFloats(divisor, out, count);
            case F16 -> meanOfHalves(divisor, out, count);
            case BF16 -> meanOfBrains(divisor, out, count);
            case I64, U64, I32, U32, I16, U16, I8, U8, BOOL ->
                throw new IllegalArgumentException(type + " has no mean");
        }
    }

    /** True when an element is NaN or infinite. */
    boolean holdsNonFinite(DType type, MemorySegment bytes, int count) {
        set(type, bytes, count);
        // x * 0 is 0 for every finite x and NaN for the others, so the sum tells without a branch
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += sums[i] * 0.0;
        }
        return sum != 0;
    }

    private void widen(DType type, MemorySegment bytes, int count) {
        switch (type) {
            case F32 -> MemorySegment.copy(bytes, F32, 0, floats, 0, count);
            case F16 -> widenHalves(bytes, count);
            case BF16 -> widenBrains(bytes, count);
            case F64, I64, U64, I32, U32, I16, U16, I8, U8, BOOL ->
                throw new IllegalArgumentException(type + " is not widened from float32 or less");
        }
    }

    // One short loop a method: the compiler makes the best of those.

    private void meanOfDoubles(int divisor, MemorySegment out, int count) {
        for (int i = 0; i < count; i++) {
            doubles[i] = sums[i] / divisor;
        }
        MemorySegment.copy(doubles, 0, out, F64, 0, count);
    }

    private void meanOfFloats(int divisor, MemorySegment out, int count) {
        for (int i = 0; i < count; i++) {
            floats[i] = (float) (sums[i] / divisor);
        }
        MemorySegment.copy(floats, 0, out, F32, 0, count);
    }

    private void meanOfHalves(int divisor, MemorySegment out, int count) {
        for (int i = 0; i < count; i++) {
            shorts[i] = toFloat16(sums[i] / divisor);
        }
        MemorySegment.copy(shorts, 0, out, I16, 0, count);
    }

    private void meanOfBrains(int divisor, MemorySegment out, int count) {
        for (int i = 0; i < count; i++) {
            shorts[i] = toBfloat16(sums[i] / divisor);
        }
        MemorySegment.copy(shorts, 0, out, I16, 0, count);
    }

    private void widenHalves(MemorySegment bytes, int count) {
        MemorySegment.copy(bytes, I16, 0, shorts, 0, count);
        for (int i = 0; i < count; i++) {
            floats[i] = Float.float16ToFloat(shorts[i]);
        }
    }

    private void widenBrains(MemorySegment bytes, int count) {
        MemorySegment.copy(bytes, I16, 0, shorts, 0, count);
        for (int i = 0; i < count; i++) {
            floats[i] = Float.intBitsToFloat(shorts[i] << 16);
        }
    }

    static short toFloat16(double value) {
        return Float.floatToFloat16((float) oddAtFloatPrecision(value));
    }

    static short toBfloat16(double value) {
        float odd = Math.abs(value) < Float.MIN_NORMAL ? oddSubnormal(value) : (float) oddAtFloatPrecision(value);
        int bits = Float.floatToRawIntBits(odd);
        if (Float.isNaN(odd)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /**
     * Rounds to odd: cut off to the 24 significant bits of float32, the last of them set when anything was lost. A second
     * rounding to a shorter type then goes where one rounding of the double would have gone. Branches would be taken at
     * random, so there are none.
     */
    private static double oddAtFloatPrecision(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long lost = ((bits & BELOW_FLOAT) + BELOW_FLOAT) & LAST_OF_FLOAT;
        return Double.longBitsToDouble((bits | lost) & ~BELOW_FLOAT);
    }

    /** The same below the normal numbers of float32, where fewer bits are significant. */
    private static float oddSubnormal(double value) {
        float nearest = (float) value;
        if (nearest == value) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        return Float.intBitsToFloat((Math.abs((double) nearest) > Math.abs(value) ? bits - 1 : bits) | 1);
    }
}
