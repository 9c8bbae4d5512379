package org.fissionfusion.vision.images;

import java.lang.foreign.MemorySegment;
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
}
