package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Images with what is known about them, before or after they are stored.
 *
 * @param pixels unsigned bytes, N x H x W x C, rows first, channels last
 * @param labels one class or several findings per image
 * @param groups what belongs together (patient, lesion): one number per image, or empty when unknown
 * @param columns properties that divide the images into subgroups
 */
@SuppressWarnings("ArrayRecordComponent") // held once, never compared; a copy of a large set would be waste
public record LabelledImages(
        ImageShape shape, MemorySegment pixels, Labels labels, Optional<int[]> groups, List<Column> columns) {
    public LabelledImages {
        columns = List.copyOf(columns);
        int n = labels.size();
        if (pixels.byteSize() != (long) n * shape.bytes()) {
            throw new IllegalArgumentException(
                    "%d bytes of pixels do not hold %d images of %s".formatted(pixels.byteSize(), n, shape));
        }
        if (groups.isPresent() && groups.get().length != n) {
            throw new IllegalArgumentException("%d groups for %d images".formatted(groups.get().length, n));
        }
        for (Column column : columns) {
            if (column.values().length != n) {
                throw new IllegalArgumentException(
                        "column %s: %d values for %d images".formatted(column.name(), column.values().length, n));
            }
        }
    }

    /** Images of one class each, without columns. */
    public LabelledImages(
            ImageShape shape, MemorySegment pixels, int[] labels, Optional<int[]> groups, List<String> classNames) {
        this(shape, pixels, new Labels.Classes(labels, classNames), groups, List.of());
    }

    public int size() {
        return labels.size();
    }

    public List<String> classNames() {
        return labels.classNames();
    }

    /** Images of each class; of findings: images in which it is present. */
    public int[] classCounts() {
        return labels.classCounts();
    }

    /** The pixels of image {@code i}, H x W x C. */
    public MemorySegment image(int i) {
        return pixels.asSlice((long) i * shape.bytes(), shape.bytes());
    }

    /**
     * A copy of the images whose bits are set, in the same order.
     *
     * @throws IOException when there is no room for a large one
     */
    public LabelledImages select(BitSet chosen) throws IOException {
        int[] indices = chosen.stream().toArray();
        MemorySegment kept = PixelMemory.allocate((long) indices.length * shape.bytes());
        for (int i = 0; i < indices.length; i++) {
            MemorySegment.copy(image(indices[i]), 0, kept, (long) i * shape.bytes(), shape.bytes());
        }
        Optional<int[]> keptGroups =
                groups.map(g -> Arrays.stream(indices).map(i -> g[i]).toArray());
        List<Column> keptColumns =
                columns.stream().map(column -> column.select(indices)).toList();
        return new LabelledImages(shape, kept, labels.select(indices), keptGroups, keptColumns);
    }

    /** All images of sets of one shape and the same classes, one set after the other; columns that not all have go. */
    static LabelledImages concatenated(List<LabelledImages> parts) throws IOException {
        LabelledImages first = parts.getFirst();
        MemorySegment all = PixelMemory.allocate(
                parts.stream().mapToLong(part -> part.pixels.byteSize()).sum());
        long at = 0;
        for (LabelledImages part : parts) {
            MemorySegment.copy(part.pixels, 0, all, at, part.pixels.byteSize());
            at += part.pixels.byteSize();
        }
        Optional<int[]> allGroups = parts.stream().allMatch(part -> part.groups.isPresent())
                ? Optional.of(parts.stream()
                        .flatMapToInt(part -> Arrays.stream(part.groups.get()))
                        .toArray())
                : Optional.empty();
        List<Column> allColumns = first.columns.stream()
                .map(Column::name)
                .filter(name ->
                        parts.stream().allMatch(part -> part.column(name).isPresent()))
                .map(name -> Column.of(
                        name,
                        parts.stream()
                                .flatMap(part -> part.texts(name).stream())
                                .toList()))
                .toList();
        Labels allLabels =
                Labels.concatenated(parts.stream().map(LabelledImages::labels).toList());
        return new LabelledImages(first.shape, all, allLabels, allGroups, allColumns);
    }

    /** The column of this name, if there is one. */
    public Optional<Column> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    private List<String> texts(String name) {
        Column column = column(name).orElseThrow();
        return Arrays.stream(column.values()).mapToObj(column.levels()::get).toList();
    }
}
