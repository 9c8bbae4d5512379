package org.fissionfusion.vision.images;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.TensorSpec;

/** Reads the tensors of a prepared set and checks that they belong together. */
final class StoredImages {
    private StoredImages() {}

    static LabelledImages read(Path file, SafetensorsFile tensors) throws PreparationException {
        Map<String, String> metadata = tensors.metadata();
        String format = metadata.getOrDefault("format", "none");
        String version = metadata.getOrDefault("version", "none");
        if (!format.equals(PreparedSetWriter.FORMAT) || !version.equals(PreparedSetWriter.VERSION)) {
            throw new PreparationException(
                    "%s: is no prepared set: format '%s' version '%s', allowed is '%s' version '%s'"
                            .formatted(file, format, version, PreparedSetWriter.FORMAT, PreparedSetWriter.VERSION));
        }
        List<String> classNames = new ArrayList<>();
        while (metadata.containsKey("class." + classNames.size())) {
            classNames.add(metadata.get("class." + classNames.size()));
        }
        TensorSpec images =
                tensors.tensor("images").orElseThrow(() -> new PreparationException(file + ": has no tensor 'images'"));
        long[] s = images.shape();
        if (images.dtype() != DType.U8 || s.length != 4 || s[0] < 1 || s[0] > Integer.MAX_VALUE) {
            throw new PreparationException(
                    "%s: images are %s; allowed is U8[N, H, W, C]".formatted(file, images.layout()));
        }
        int[] labels = numbers(file, tensors, "labels", (int) s[0]);
        Optional<int[]> groups = tensors.tensor("groups").isPresent()
                ? Optional.of(numbers(file, tensors, "groups", (int) s[0]))
                : Optional.empty();
        try {
            ImageShape shape = new ImageShape(Math.toIntExact(s[1]), Math.toIntExact(s[2]), Math.toIntExact(s[3]));
            return new LabelledImages(shape, tensors.bytes("images"), labels, groups, classNames);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new PreparationException(file + ": " + e.getMessage(), e);
        }
    }

    private static int[] numbers(Path file, SafetensorsFile tensors, String name, int count)
            throws PreparationException {
        TensorSpec spec = tensors.tensor(name)
                .orElseThrow(() -> new PreparationException(file + ": has no tensor '" + name + "'"));
        if (spec.dtype() != DType.I64 || !Arrays.equals(spec.shape(), new long[] {count})) {
            throw new PreparationException(
                    "%s: %s are %s; allowed is I64[%d]".formatted(file, name, spec.layout(), count));
        }
        MemorySegment bytes = tensors.bytes(name);
        ValueLayout.OfLong layout = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            long value = bytes.get(layout, (long) i * Long.BYTES);
            if (value != (int) value) {
                throw new PreparationException(
                        "%s: %s[%d] is %d, which is out of range".formatted(file, name, i, value));
            }
            values[i] = (int) value;
        }
        return values;
    }
}
