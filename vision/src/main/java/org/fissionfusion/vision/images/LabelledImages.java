package org.fissionfusion.vision.images;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Images with their labels, before or after they are stored.
 *
 * @param pixels unsigned bytes, N x H x W x C, rows first, channels last
 * @param labels one class index per image, each below the number of class names
 * @param groups what belongs together (patient, lesion): one number per image, or empty when unknown
 */
@SuppressWarnings("ArrayRecordComponent") // held once, never compared; a copy of a large set would be waste
public record LabelledImages(
        ImageShape shape, MemorySegment pixels, int[] labels, Optional<int[]> groups, List<String> classNames) {
    public LabelledImages {
        classNames = List.copyOf(classNames);
        if (pixels.byteSize() != (long) labels.length * shape.bytes()) {
            throw new IllegalArgumentException("%d bytes of pixels do not hold %d images of %s"
                    .formatted(pixels.byteSize(), labels.length, shape));
        }
        if (groups.isPresent() && groups.get().length != labels.length) {
            throw new IllegalArgumentException("%d groups for %d images".formatted(groups.get().length, labels.length));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classNames.size()) {
                throw new IllegalArgumentException(
                        "image %d: label %d is outside 0..%d".formatted(i, labels[i], classNames.size() - 1));
            }
        }
    }

    public int size() {
        return labels.length;
    }

    /** The pixels of image {@code i}, H x W x C. */
    public MemorySegment image(int i) {
        return pixels.asSlice((long) i * shape.bytes(), shape.bytes());
    }

    /** How many images each class has, in class order. */
    public int[] classCounts() {
        int[] counts = new int[classNames.size()];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /** A copy of the images whose bits are set, in the same order. */
    public LabelledImages select(BitSet chosen) {
        int[] indices = chosen.stream().toArray();
        MemorySegment kept = Arena.ofAuto().allocate((long) indices.length * shape.bytes());
        for (int i = 0; i < indices.length; i++) {
            MemorySegment.copy(image(indices[i]), 0, kept, (long) i * shape.bytes(), shape.bytes());
        }
        int[] keptLabels = Arrays.stream(indices).map(i -> labels[i]).toArray();
        Optional<int[]> keptGroups =
                groups.map(g -> Arrays.stream(indices).map(i -> g[i]).toArray());
        return new LabelledImages(shape, kept, keptLabels, keptGroups, classNames);
    }

    /** All images of sets of one shape and the same classes, one set after the other. */
    static LabelledImages concatenated(List<LabelledImages> parts) {
        LabelledImages first = parts.getFirst();
        MemorySegment all = Arena.ofAuto()
                .allocate(
                        parts.stream().mapToLong(part -> part.pixels.byteSize()).sum());
        long at = 0;
        for (LabelledImages part : parts) {
            MemorySegment.copy(part.pixels, 0, all, at, part.pixels.byteSize());
            at += part.pixels.byteSize();
        }
        int[] allLabels =
                parts.stream().flatMapToInt(part -> Arrays.stream(part.labels)).toArray();
        Optional<int[]> allGroups = parts.stream().allMatch(part -> part.groups.isPresent())
                ? Optional.of(parts.stream()
                        .flatMapToInt(part -> Arrays.stream(part.groups.get()))
                        .toArray())
                : Optional.empty();
        return new LabelledImages(first.shape, all, allLabels, allGroups, first.classNames);
    }
}
