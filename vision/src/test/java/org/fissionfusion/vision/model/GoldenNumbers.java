package org.fissionfusion.vision.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;

/** Weights and images by the formula of src/test/python/golden.py. */
public final class GoldenNumbers {
    private static final Pattern BATCH_NORM = Pattern.compile("(bn\\d|downsample\\.1)\\.(weight|bias)$");

    private GoldenNumbers() {}

    /** A whole network. */
    public static ModelWeights weights(Architecture architecture, int classes) {
        List<Tensor> tensors = architecture.tensors(classes).stream()
                .map(tensor -> filled(tensor.spec()))
                .toList();
        return ModelWeights.of(architecture, classes, tensors);
    }

    public static Tensor filled(TensorSpec spec) {
        MemorySegment bytes = Arena.ofAuto().allocate(spec.byteSize(), 8);
        fill(spec, bytes);
        return new Tensor(spec, bytes);
    }

    /** Images N x 3 x S x S. */
    public static ByteBuffer images(int count, int size) {
        return images("images", count, size);
    }

    /** Images of another seed. */
    public static ByteBuffer images(int seed, int count, int size) {
        return images("images" + seed, count, size);
    }

    private static ByteBuffer images(String name, int count, int size) {
        TensorSpec spec = new TensorSpec(name, DType.F32, new long[] {count, 3, size, size});
        MemorySegment bytes = Arena.ofAuto().allocate(spec.byteSize(), 64);
        fill(spec, bytes);
        for (long i = 0; i < spec.elements(); i++) {
            bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, bytes.getAtIndex(ValueLayout.JAVA_FLOAT, i) * 7);
        }
        return bytes.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static void fill(TensorSpec spec, MemorySegment bytes) {
        long[] shape = spec.shape();
        boolean weight = spec.name().endsWith("weight");
        double base = 0;
        double scale = 0.4;
        if (spec.name().endsWith("running_var") || (shape.length == 1 && weight)) {
            base = 1;
        } else if ((shape.length == 2 || shape.length == 4) && weight) {
            scale = Math.sqrt(24.0 * shape[0] / spec.elements());
        }
        boolean batchNorm = BATCH_NORM.matcher(spec.name()).find();
        int name = crc(spec.name());
        for (int i = 0; i < spec.elements(); i++) {
            int x = i * (int) 2654435761L + name;
            x ^= x >>> 16;
            x *= 0x45D9F3B;
            x ^= x >>> 16;
            double u = Integer.toUnsignedLong(x) / 0x1p32 - 0.5;
            double value = batchNorm ? (1 + 0.4 * u) * (weight ? 0.4 : 1 - 2 * (i % 2)) : base + scale * u;
            bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
        }
    }

    static int crc(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    /** CRC-32 of the names and shapes of a state dictionary, whatever their order. */
    public static long layout(Stream<TensorSpec> tensors) {
        return Integer.toUnsignedLong(crc(String.join(
                ";",
                tensors.map(spec -> spec.name() + Arrays.toString(spec.shape()))
                        .sorted()
                        .toList())));
    }
}
