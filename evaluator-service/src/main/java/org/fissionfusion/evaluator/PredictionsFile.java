package org.fissionfusion.evaluator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsException;

/**
 * Predictions on disk: {@code probabilities} F64 N×C, {@code labels} I32 N and {@code groups} I32 N. Of findings, {@code
 * labels} is N×C (1 present, 0 absent, -1 masked) and the metadata names them. The probabilities keep all their bits, so that every score can be computed again from the file and comes out the same.
 */
public final class PredictionsFile {
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final String FINDING = "finding.";

    private PredictionsFile() {}

    /** Writes the predictions; the same predictions and metadata make the same bytes. */
    public static void write(Path target, Predictions predictions, Map<String, String> metadata) throws IOException {
        Map<String, String> all = new TreeMap<>(metadata);
        for (int f = 0; f < predictions.findings().size(); f++) {
            all.put(FINDING + f, predictions.findings().get(f));
        }
        long images = predictions.images();
        long[] labels = predictions.multilabel() ? new long[] {images, predictions.classes()} : new long[] {images};
        try (Arena arena = Arena.ofConfined()) {
            double[] probabilities = predictions.probabilities();
            MemorySegment rows = arena.allocate((long) probabilities.length * Double.BYTES);
            MemorySegment.copy(probabilities, 0, rows, F64, 0, probabilities.length);
            SafetensorsWriter.write(
                    target,
                    all,
                    List.of(
                            TensorSource.of(
                                    new TensorSpec("probabilities", DType.F64, new long[] {
                                        predictions.images(), predictions.classes()
                                    }),
                                    rows),
                            integers(arena, "labels", predictions.labels(), labels),
                            integers(arena, "groups", predictions.groups(), images)));
        }
    }

    /** Reads predictions back. */
    public static Predictions read(Path source) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(source)) {
            TensorSpec spec = file.tensor("probabilities")
                    .filter(tensor -> tensor.dtype() == DType.F64 && tensor.shape().length == 2)
                    .orElseThrow(() -> new WeightsException(source.toString(), "holds no F64 matrix 'probabilities'"));
            int images = Math.toIntExact(spec.shape()[0]);
            int classes = Math.toIntExact(spec.shape()[1]);
            double[] probabilities = new double[images * classes];
            MemorySegment.copy(file.bytes("probabilities"), F64, 0, probabilities, 0, probabilities.length);
            boolean multilabel = file.metadata().containsKey(FINDING + 0);
            List<String> findings = IntStream.range(0, multilabel ? classes : 0)
                    .mapToObj(f -> file.metadata().getOrDefault(FINDING + f, ""))
                    .toList();
            int[] labels = multilabel ? integers(file, "labels", images, classes) : integers(file, "labels", images);
            return new Predictions(images, classes, probabilities, labels, integers(file, "groups", images), findings);
        }
    }

    private static TensorSource integers(Arena arena, String name, int[] values, long... shape) {
        MemorySegment bytes = arena.allocate((long) values.length * Integer.BYTES);
        MemorySegment.copy(values, 0, bytes, I32, 0, values.length);
        return TensorSource.of(new TensorSpec(name, DType.I32, shape), bytes);
    }

    private static int[] integers(SafetensorsFile file, String name, long... shape) throws WeightsException {
        TensorSpec wanted = new TensorSpec(name, DType.I32, shape);
        if (!file.tensor(name).filter(wanted::equals).isPresent()) {
            throw new WeightsException(file.path().toString(), "holds no vector " + wanted);
        }
        int[] values = new int[Math.toIntExact(wanted.elements())];
        MemorySegment.copy(file.bytes(name), I32, 0, values, 0, values.length);
        return values;
    }
}
