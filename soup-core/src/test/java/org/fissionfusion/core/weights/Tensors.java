package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Tensors for tests. */
final class Tensors {

    private Tensors() {}

    static Tensor random(Random random, String name, DType type, long... shape) {
        TensorSpec spec = new TensorSpec(name, type, shape);
        ByteBuffer bytes = ByteBuffer.allocate((int) spec.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            double value = random.nextGaussian() * Math.pow(2, random.nextInt(20) - 10);
            switch (type) {
                case F64 -> bytes.putDouble(value);
                case F32 -> bytes.putFloat((float) value);
                case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
                case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits((float) value) >>> 16));
                case I64, U64, I32, U32, I16, U16, I8, U8, BOOL -> bytes.put((byte) random.nextInt(2));
            }
        }
        return new Tensor(spec, MemorySegment.ofArray(bytes.array()));
    }

    static Tensor floats(String name, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return new Tensor(
                new TensorSpec(name, DType.F32, new long[] {values.length}), MemorySegment.ofArray(bytes.array()));
    }

    static Tensor longs(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return new Tensor(
                new TensorSpec(name, DType.I64, new long[] {values.length}), MemorySegment.ofArray(bytes.array()));
    }

    static Path write(Path path, List<Tensor> tensors) throws IOException {
        SafetensorsWriter.write(
                path, Map.of(), tensors.stream().map(Tensor::asSource).toList());
        return path;
    }

    /** The elements of a floating tensor. */
    static double[] values(DType type, MemorySegment bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        List<Double> values = new ArrayList<>();
        while (buffer.hasRemaining()) {
            values.add(
                    switch (type) {
                        case F64 -> buffer.getDouble();
                        case F32 -> (double) buffer.getFloat();
                        case F16 -> (double) Float.float16ToFloat(buffer.getShort());
                        case BF16 -> (double) Float.intBitsToFloat(buffer.getShort() << 16);
                        case I64, U64, I32, U32, I16, U16, I8, U8, BOOL -> throw new IllegalArgumentException();
                    });
        }
        return values.stream().mapToDouble(x -> x).toArray();
    }

    static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }
}
