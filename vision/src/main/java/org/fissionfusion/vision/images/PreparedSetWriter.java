package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * Writes a prepared set: tensors {@code images} (U8, N x H x W x C), {@code labels} (I64, N, or of multilabel sets I8, N
 * x T with 1, 0, -1 uncertain, -2 blank) and, where known, {@code groups} (I64, N) and {@code column.NAME} (I64, N:
 * numbers of the levels that the metadata names). The same images make the same bytes.
 */
public final class PreparedSetWriter {
    static final String FORMAT = "fissionfusion-prepared-set";
    static final String VERSION = "1";
    static final String MULTICLASS = "multiclass";
    static final String MULTILABEL = "multilabel";
    static final String COLUMN = "column.";

    private PreparedSetWriter() {}

    /** Where the images come from and under which terms; free text, kept in the file. */
    public record Origin(String source, String licence) {}

    /** Writes the file whole or not at all. */
    public static void write(Path target, LabelledImages images, Origin origin, Map<String, String> more)
            throws PreparationException {
        Map<String, String> metadata = new TreeMap<>(more);
        metadata.put("format", FORMAT);
        metadata.put("version", VERSION);
        metadata.put("source", origin.source());
        metadata.put("licence", origin.licence());
        describe(images.labels(), metadata);
        for (Column column : images.columns()) {
            putNames(metadata, COLUMN + column.name(), column.levels());
        }
        PixelStatistics statistics = PixelStatistics.of(images);
        metadata.put("mean", statistics.meanText());
        metadata.put("deviation", statistics.deviationText());
        try {
            if (target.toAbsolutePath().getParent() != null) {
                Files.createDirectories(target.toAbsolutePath().getParent());
            }
            SafetensorsWriter.write(target, metadata, tensors(images));
        } catch (IOException e) {
            throw new PreparationException(target + ": cannot be written: " + Failures.reason(e), e);
        }
    }

    private static void describe(Labels labels, Map<String, String> metadata) {
        putNames(metadata, "class", labels.classNames());
        metadata.put("classCounts", joined(labels.classCounts()));
        switch (labels) {
            case Labels.Classes _ -> metadata.put("kind", MULTICLASS);
            case Labels.Findings findings -> {
                metadata.put("kind", MULTILABEL);
                metadata.put("absentCounts", joined(findings.counts(Labels.Findings.ABSENT)));
                metadata.put("uncertainCounts", joined(findings.counts(Labels.Findings.UNCERTAIN)));
                metadata.put("blankCounts", joined(findings.counts(Labels.Findings.BLANK)));
            }
        }
    }

    private static void putNames(Map<String, String> metadata, String prefix, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            metadata.put(prefix + "." + i, names.get(i));
        }
    }

    private static String joined(int[] counts) {
        return Arrays.stream(counts).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    private static List<TensorSource> tensors(LabelledImages images) {
        ImageShape shape = images.shape();
        int n = images.size();
        List<TensorSource> tensors = new ArrayList<>();
        long[] imageShape = {n, shape.height(), shape.width(), shape.channels()};
        tensors.add(TensorSource.of(new TensorSpec("images", DType.U8, imageShape), images.pixels()));
        tensors.add(
                switch (images.labels()) {
                    case Labels.Classes classes -> numbers("labels", n, i -> classes.values()[i]);
                    case Labels.Findings findings ->
                        TensorSource.of(
                                new TensorSpec("labels", DType.I8, new long[] {
                                    n, findings.classNames().size()
                                }),
                                MemorySegment.ofArray(findings.values()));
                });
        images.groups().ifPresent(groups -> tensors.add(numbers("groups", n, i -> groups[i])));
        images.columns().forEach(column -> tensors.add(numbers(COLUMN + column.name(), n, i -> column.values()[i])));
        return tensors;
    }

    private static TensorSource numbers(String name, int n, IntToLongFunction value) {
        MemorySegment bytes = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(n * Long.BYTES));
        ValueLayout.OfLong layout = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            bytes.set(layout, (long) i * Long.BYTES, value.applyAsLong(i));
        }
        return TensorSource.of(new TensorSpec(name, DType.I64, new long[] {n}), bytes);
    }
}
