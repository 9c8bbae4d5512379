package org.fissionfusion.vision.scoring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.vision.augment.Batch;
import org.fissionfusion.vision.augment.BatchOptions;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;

/**
 * The images of one split as network input, in stored order. Kept in memory for the next passes when they fit the
 * budget, else made anew for each pass.
 */
public final class EvaluationImages implements AutoCloseable {
    private final PreparedSet set;
    private final BatchOptions options;
    private final Arena arena = Arena.ofShared();
    private final List<Part> kept = new ArrayList<>();
    private final boolean keep;

    /**
     * Images of a set, which must outlive this.
     *
     * @param budgetBytes most memory to spend on keeping the prepared images
     */
    public EvaluationImages(PreparedSet set, int imageSize, Normalisation normalisation, int batch, long budgetBytes) {
        this.set = set;
        this.options = BatchOptions.evaluation(imageSize, normalisation, batch);
        this.keep = 4L * 3 * imageSize * imageSize * set.size() <= budgetBytes;
    }

    public int size() {
        return set.size();
    }

    public int imageSize() {
        return options.imageSize();
    }

    public int label(int image) {
        return set.label(image);
    }

    /** What is known of all images, in stored order. */
    public Labels known() {
        return set.labels();
    }

    /** Labels of all images of one class each, in stored order. */
    public int[] labels() {
        int[] labels = new int[size()];
        java.util.Arrays.setAll(labels, set::label);
        return labels;
    }

    /** Groups of all images, in stored order. */
    public int[] groups() {
        int[] groups = new int[size()];
        java.util.Arrays.setAll(groups, set::group);
        return groups;
    }

    /** A pass over all images; its parts may be taken by several threads. */
    public Pass pass() {
        if (keep && kept.isEmpty()) {
            prepare();
        }
        return keep ? new Pass(null) : new Pass(source());
    }

    private BatchSource source() {
        BatchSource source = new BatchSource(set, options);
        source.startEpoch(1);
        return source;
    }

    private void prepare() {
        try (BatchSource source = source()) {
            int first = 0;
            for (Optional<Batch> batch = source.next(); batch.isPresent(); batch = source.next()) {
                MemorySegment pixels = MemorySegment.ofBuffer(batch.get().bytes());
                MemorySegment copy = arena.allocate(pixels.byteSize(), 64).copyFrom(pixels);
                kept.add(new Part(first, batch.get().count(), buffer(copy)));
                first += batch.get().count();
            }
        }
    }

    private static ByteBuffer buffer(MemorySegment segment) {
        return segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        arena.close();
    }

    /**
     * Some images in a row.
     *
     * @param first index of the first
     * @param pixels direct, native order: images x 3 x S x S floats
     */
    public record Part(int first, int images, ByteBuffer pixels) {}

    /** One pass over the images. */
    public final class Pass implements AutoCloseable {
        private final BatchSource source;
        private int next;

        private Pass(BatchSource source) {
            this.source = source;
        }

        /** The next images, the caller's own until its arena closes. */
        synchronized Optional<Part> take(Arena memory) {
            if (source == null) {
                return next < kept.size() ? Optional.of(copyOfView(kept.get(next++))) : Optional.empty();
            }
            return source.next().map(batch -> {
                MemorySegment pixels = MemorySegment.ofBuffer(batch.bytes());
                Part part = new Part(
                        next,
                        batch.count(),
                        buffer(memory.allocate(pixels.byteSize(), 64).copyFrom(pixels)));
                next += batch.count();
                return part;
            });
        }

        private static Part copyOfView(Part part) {
            return new Part(
                    part.first(), part.images(), part.pixels().duplicate().order(ByteOrder.nativeOrder()));
        }

        @Override
        public void close() {
            if (source != null) {
                source.close();
            }
        }
    }
}
