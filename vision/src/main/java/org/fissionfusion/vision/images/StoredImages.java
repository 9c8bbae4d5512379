package org.fissionfusion.vision.images;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
        List<String> classNames = named(metadata, "class");
        TensorSpec images =
                tensors.tensor("images").orElseThrow(() -> new PreparationException(file + ": has no tensor 'images'"));
        long[] s = images.shape();
        if (images.dtype() != DType.U8 || s.length != 4 || s[0] < 1 || s[0] > Integer.MAX_VALUE) {
            throw new PreparationException(
                    "%s: images are %s; allowed is U8[N, H, W, C]".formatted(file, images.layout()));
        }
        int n = (int) s[0];
        Optional<int[]> groups = tensors.tensor("groups").isPresent()
                ? Optional.of(numbers(file, tensors, "groups", n))
                : Optional.empty();
        try {
            ImageShape shape = new ImageShape(Math.toIntExact(s[1]), Math.toIntExact(s[2]), Math.toIntExact(s[3]));
            Labels labels = labels(file, tensors, n, classNames);
            return new LabelledImages(shape, tensors.bytes("images"), labels, groups, columns(file, tensors, n));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new PreparationException(file + ": " + e.getMessage(), e);
        }
    }

    private static Labels labels(Path file, SafetensorsFile tensors, int n, List<String> classNames)
            throws PreparationException {
        String kind = tensors.metadata().getOrDefault("kind", PreparedSetWriter.MULTICLASS);
        return switch (kind) {
            case PreparedSetWriter.MULTICLASS -> new Labels.Classes(numbers(file, tensors, "labels", n), classNames);
            case PreparedSetWriter.MULTILABEL -> {
                TensorSpec wanted = new TensorSpec("labels", DType.I8, new long[] {n, classNames.size()});
                if (!tensors.tensor("labels").filter(wanted::equals).isPresent()) {
                    throw new PreparationException(file + ": has no tensor " + wanted);
                }
                yield new Labels.Findings(tensors.bytes("labels").toArray(ValueLayout.JAVA_BYTE), classNames);
            }
            default ->
                throw new PreparationException("%s: kind '%s' is none of %s, %s"
                        .formatted(file, kind, PreparedSetWriter.MULTICLASS, PreparedSetWriter.MULTILABEL));
        };
    }

    private static List<Column> columns(Path file, SafetensorsFile tensors, int n) throws PreparationException {
        List<Column> columns = new ArrayList<>();
        for (TensorSpec spec : tensors.tensors()) {
            if (spec.name().startsWith(PreparedSetWriter.COLUMN)) {
                List<String> levels = named(tensors.metadata(), spec.name());
                String name = spec.name().substring(PreparedSetWriter.COLUMN.length());
                columns.add(new Column(name, levels, numbers(file, tensors, spec.name(), n)));
            }
        }
        columns.sort(Comparator.comparing(Column::name));
        return columns;
    }

    /** The texts under PREFIX.0, PREFIX.1 and so on. */
    private static List<String> named(Map<String, String> metadata, String prefix) {
        List<String> names = new ArrayList<>();
        while (metadata.containsKey(prefix + "." + names.size())) {
            names.add(metadata.get(prefix + "." + names.size()));
        }
        return names;
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
