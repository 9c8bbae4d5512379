package org.fissionfusion.vision.images;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * MedMNIST's arrays: {@code train_images}, {@code train_labels}, {@code val_…}, {@code test_…}; images N x H x W or N x
 * H x W x 3 of unsigned bytes, labels N or N x 1. Patients or lesions may come along as {@code train_groups} (or
 * {@code _group}, {@code _patient}, {@code _patients}, {@code _lesion}, {@code _lesions}), as numbers or texts; the same
 * value in several splits is the same group.
 */
final class MedMnistLayout {
    private static final List<String> GROUP_NAMES =
            List.of("groups", "group", "patient", "patients", "lesion", "lesions");
    private static final int MOST_CLASSES = 10_000;

    private MedMnistLayout() {}

    /** Labels as read, before the class names are known. */
    @SuppressWarnings("ArrayRecordComponent")
    private record RawSplit(String labelKey, NpyArray images, int[] labels, Optional<NpyArray> groups) {}

    static Map<Split, LabelledImages> read(Path file, List<String> classNames) throws PreparationException {
        try (NpzFile npz = NpzFile.open(file)) {
            Map<Split, RawSplit> raw = new EnumMap<>(Split.class);
            for (Split split : Split.values()) {
                if (npz.has(split.arrayPrefix() + "_images")) {
                    raw.put(split, readSplit(npz, split.arrayPrefix()));
                }
            }
            if (raw.isEmpty()) {
                throw new PreparationException(
                        "%s: has none of train_images, val_images, test_images; it has %s".formatted(file, npz.keys()));
            }
            List<String> names = classNames.isEmpty() ? numbered(raw) : classNames;
            boolean textGroups = raw.values().stream()
                    .flatMap(split -> split.groups().stream())
                    .anyMatch(groups -> !groups.type().isNumber());
            Map<String, Integer> numbers = new HashMap<>();
            Map<Split, LabelledImages> splits = new EnumMap<>(Split.class);
            for (Map.Entry<Split, RawSplit> entry : raw.entrySet()) {
                Optional<int[]> groups = Optional.empty();
                if (entry.getValue().groups().isPresent()) {
                    NpyArray array = entry.getValue().groups().get();
                    int count = entry.getValue().labels().length;
                    groups = Optional.of(
                            textGroups
                                    ? numbered(array, count, numbers)
                                    : column(array, count, Integer.MIN_VALUE, Integer.MAX_VALUE));
                }
                splits.put(entry.getKey(), labelled(entry.getValue(), groups, names));
            }
            return splits;
        }
    }

    /** The classes are those of the training images; a higher label in another split is a mistake. */
    private static List<String> numbered(Map<Split, RawSplit> raw) {
        RawSplit train = raw.get(Split.TRAIN);
        int highest = (train != null ? List.of(train) : raw.values())
                .stream()
                        .flatMapToInt(split -> Arrays.stream(split.labels()))
                        .max()
                        .orElse(0);
        return IntStream.rangeClosed(0, highest).mapToObj(Integer::toString).toList();
    }

    private static RawSplit readSplit(NpzFile npz, String prefix) throws PreparationException {
        NpyArray images = npz.array(prefix + "_images");
        long[] shape = images.shape();
        boolean grey = shape.length == 3;
        boolean colour = shape.length == 4 && (shape[3] == 3 || shape[3] == 1);
        if (!grey && !colour) {
            throw new PreparationException("%s: shape %s; allowed are N x H x W and N x H x W x 3"
                    .formatted(images.name(), Arrays.toString(shape)));
        }
        if (images.type().size() != 1 || images.type().kind() != NpyArray.Kind.UNSIGNED) {
            throw new PreparationException(images.name() + ": elements are not unsigned bytes (|u1)");
        }
        if (shape[0] < 1
                || shape[0] > Integer.MAX_VALUE
                || shape[1] < 1
                || shape[2] < 1
                || shape[1] * shape[2] > 1 << 28) {
            throw new PreparationException(
                    "%s: shape %s holds no usable images".formatted(images.name(), Arrays.toString(shape)));
        }
        int count = (int) shape[0];
        int[] labels = column(npz.array(prefix + "_labels"), count, 0, MOST_CLASSES - 1);
        Optional<NpyArray> groups = Optional.empty();
        for (String name : GROUP_NAMES) {
            if (groups.isEmpty() && npz.has(prefix + "_" + name)) {
                groups = Optional.of(npz.array(prefix + "_" + name));
            }
        }
        return new RawSplit(npz.path() + ": " + prefix + "_labels", images, labels, groups);
    }

    private static void requireColumn(NpyArray array, int count) throws PreparationException {
        long[] shape = array.shape();
        boolean flat = shape.length == 1 || (shape.length == 2 && shape[1] == 1);
        if (!flat || shape[0] != count) {
            throw new PreparationException("%s: shape %s; allowed is one value for each of the %d images (N or N x 1)"
                    .formatted(array.name(), Arrays.toString(shape), count));
        }
    }

    /** The same text has the same number in every split, or a patient in two of them would not be seen. */
    private static int[] numbered(NpyArray array, int count, Map<String, Integer> numbers) throws PreparationException {
        requireColumn(array, count);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            int next = numbers.size();
            values[i] = numbers.computeIfAbsent(array.textAt(i), text -> next);
        }
        return values;
    }

    private static int[] column(NpyArray array, int count, int lowest, int highest) throws PreparationException {
        requireColumn(array, count);
        if (!array.type().isNumber()) {
            throw new PreparationException(array.name() + ": holds texts; allowed are whole numbers");
        }
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            long value = array.at(i);
            if (value < lowest || value > highest) {
                throw new PreparationException(
                        "%s[%d]: value %d is outside %d..%d".formatted(array.name(), i, value, lowest, highest));
            }
            values[i] = (int) value;
        }
        return values;
    }

    private static LabelledImages labelled(RawSplit raw, Optional<int[]> groups, List<String> names)
            throws PreparationException {
        for (int i = 0; i < raw.labels().length; i++) {
            if (raw.labels()[i] >= names.size()) {
                throw new PreparationException("%s[%d]: label %d is outside 0..%d (classes %s)"
                        .formatted(raw.labelKey(), i, raw.labels()[i], names.size() - 1, names));
            }
        }
        long[] s = raw.images().shape();
        ImageShape shape = new ImageShape((int) s[1], (int) s[2], s.length == 3 ? 1 : (int) s[3]);
        return new LabelledImages(shape, raw.images().content(), raw.labels(), groups, names);
    }
}
