package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The unweighted mean of weight files: float64 sum in ranking order, one division, one rounding. */
public final class MeanOfWeights {

    private MeanOfWeights() {}

    /**
     * Streams the mean of files into a new file; memory does not grow with their number or size.
     *
     * @param ranked ingredients in ranking order; integer tensors are taken from the first
     * @param divisor what the sum is divided by, at least 1
     * @return the weights digest of what was written
     * @throws WeightsException naming the tensor and both layouts when the files differ in names, types or shapes
     */
    public static String blend(List<Path> ranked, int divisor, Path target, Map<String, String> metadata)
            throws IOException {
        if (ranked.isEmpty()) {
            throw new IllegalArgumentException("ranked: a soup needs an ingredient");
        }
        if (divisor < 1) {
            throw new IllegalArgumentException("divisor: " + divisor + " is less than 1");
        }
        Deque<SafetensorsFile> open = new ArrayDeque<>();
        try (Arena arena = Arena.ofConfined()) {
            for (Path path : ranked) {
                open.addLast(SafetensorsFile.open(path));
            }
            List<SafetensorsFile> files = List.copyOf(open);
            Layout layout = Layout.of(files.getFirst());
            for (SafetensorsFile file : files) {
                layout.require(file);
            }
            Blend blend = new Blend(files, divisor, arena);
            WeightsDigest digest = new WeightsDigest();
            List<TensorSource> sources = new ArrayList<>();
            for (TensorSpec spec : layout.specs()) {
                sources.add(digest.tap(new TensorSource(spec, sink -> blend.write(spec, sink))));
            }
            SafetensorsWriter.write(target, metadata, sources);
            return digest.finish();
        } finally {
            open.forEach(SafetensorsFile::close);
        }
    }

    /** Name of the first tensor (file order) that holds a NaN or an infinity. */
    public static Optional<String> firstNonFinite(SafetensorsFile file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Chunks chunks = new Chunks(arena);
            Accumulator accumulator = new Accumulator();
            for (TensorSpec spec : file.tensors()) {
                if (!spec.dtype().floating()) {
                    continue;
                }
                boolean[] found = {false};
                chunks.forEach(file, spec, (first, bytes) -> {
                    int count = (int) (bytes.byteSize() / spec.dtype().size());
                    found[0] |= accumulator.holdsNonFinite(spec.dtype(), bytes, count);
                });
                if (found[0]) {
                    return Optional.of(spec.name());
                }
            }
            return Optional.empty();
        }
    }

    /** The pieces of one blend, all in the same few buffers. */
    private static final class Blend {
        private final List<SafetensorsFile> files;
        private final int divisor;
        private final Chunks chunks;
        private final MemorySegment out;
        private final Accumulator accumulator = new Accumulator();

        Blend(List<SafetensorsFile> files, int divisor, Arena arena) {
            this.files = files;
            this.divisor = divisor;
            this.chunks = new Chunks(arena);
            this.out = arena.allocate((long) Chunks.ELEMENTS * Double.BYTES, Double.BYTES);
        }

        void write(TensorSpec spec, TensorSource.SegmentSink sink) throws IOException {
            if (!spec.dtype().floating()) {
                chunks.forEach(files.getFirst(), spec, (first, bytes) -> sink.accept(bytes));
                return;
            }
            long elements = spec.elements();
            for (long first = 0; first < elements; first += Chunks.ELEMENTS) {
                int count = (int) Math.min(Chunks.ELEMENTS, elements - first);
                accumulator.set(spec.dtype(), chunks.read(files.getFirst(), spec, first, count), count);
                for (SafetensorsFile next : files.subList(1, files.size())) {
                    accumulator.add(spec.dtype(), chunks.read(next, spec, first, count), count);
                }
                MemorySegment mean = out.asSlice(0, (long) count * spec.dtype().size());
                accumulator.mean(spec.dtype(), divisor, mean, count);
                sink.accept(mean);
            }
        }
    }
}
