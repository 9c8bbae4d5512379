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
 * H x W x 3 of unsigned bytes, labels N or N x 1, or N x T of T findings (ChestMNIST). Patients or lesions may come along
 * as {@code train_groups} (or {@code _group}, {@code _patient}, {@code _patients}, {@code _lesion}, {@code _lesions}), as
 * numbers or texts; the same value in several splits is the same group.
 */
final class MedMnistLayout {
    private static final List<String> GROUP_NAMES =
            List.of("groups", "group", "patient", "patients", "lesion", "lesions");
    private static final int MOST_CLASSES = 10_000;

    private MedMnistLayout() {}

    /**
     * Labels as read, before the class names are known.
     *
     * @param findings values of every image; 1 where it has one class
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record RawSplit(String labelKey, NpyArray images, int findings, int[] labels, Optional<NpyArray> groups) {}

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
            requireFindings(raw, names);
            boolean textGroups = raw.values().stream()
                    .flatMap(split -> split.groups().stream())
                    .anyMatch(groups -> !groups.type().isNumber());
            Map<String, Integer> numbers = new HashMap<>();
            Map<Split, LabelledImages> splits = new EnumMap<>(Split.class);
            for (Map.Entry<Split, RawSplit> entry : raw.entrySet()) {
                Optional<int[]> groups = Optional.empty();
                if (entry.getValue().groups().isPresent()) {
                    NpyArray array = entry.getValue().groups().get();
                    int count = (int) entry.getValue().images().shape()[0];
                    requireShape(array, count, 1, "N or N x 1");
                    groups = Optional.of(
                            textGroups
                                    ? numbered(array, count, numbers)
                                    : numbers(array, Integer.MIN_VALUE, Integer.MAX_VALUE));
                }
                splits.put(entry.getKey(), labelled(entry.getValue(), groups, names));
            }
            return splits;
        }
    }

    /** The classes are those of the training images; a higher label in another split is a mistake. */
    private static List<String> numbered(Map<Split, RawSplit> raw) {
        RawSplit train = raw.get(Split.TRAIN);
        RawSplit first = raw.values().iterator().next();
        int highest = first.findings() > 1
                ? first.findings() - 1
                : (train != null ? List.of(train) : raw.values())
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
        NpyArray labelArray = npz.array(prefix + "_labels");
        long[] labelShape = labelArray.shape();
        boolean several = labelShape.length == 2 && labelShape[1] > 1 && labelShape[1] <= MOST_CLASSES;
        int findings = several ? (int) labelShape[1] : 1;
        requireShape(labelArray, count, findings, "N, N x 1, or N x T findings");
        int[] labels = several
                ? numbers(labelArray, Labels.Findings.BLANK, Labels.Findings.PRESENT)
                : numbers(labelArray, 0, MOST_CLASSES - 1);
        Optional<NpyArray> groups = Optional.empty();
        for (String name : GROUP_NAMES) {
            if (groups.isEmpty() && npz.has(prefix + "_" + name)) {
                groups = Optional.of(npz.array(prefix + "_" + name));
            }
        }
        return new RawSplit(npz.path() + ": " + prefix + "_labels", images, findings, labels, groups);
    }

    private static void requireFindings(Map<Split, RawSplit> raw, List<String> names) throws PreparationException {
        int findings = raw.values().iterator().next().findings();
        for (RawSplit split : raw.values()) {
            if (split.findings() != findings || (findings > 1 && findings != names.size())) {
                throw new PreparationException("%s: has %d values an image, but there are %d class names (%s)"
                        .formatted(split.labelKey(), split.findings(), names.size(), String.join(", ", names)));
            }
        }
    }

    private static void requireShape(NpyArray array, int count, int width, String allowed) throws PreparationException {
        long[] shape = array.shape();
        boolean right = shape.length == 1 ? width == 1 : shape.length == 2 && shape[1] == width;
        if (!right || shape[0] != count) {
            throw new PreparationException("%s: shape %s; allowed for the N = %d images is %s"
                    .formatted(array.name(), Arrays.toString(shape), count, allowed));
        }
    }

    /** The same text has the same number in every split, or a patient in two of them would not be seen. */
    private static int[] numbered(NpyArray array, int count, Map<String, Integer> numbers) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            int next = numbers.size();
            values[i] = numbers.computeIfAbsent(array.textAt(i), text -> next);
        }
        return values;
    }

    private static int[] numbers(NpyArray array, int lowest, int highest) throws PreparationException {
        if (!array.type().isNumber()) {
            throw new PreparationException(array.name() + ": holds texts; allowed are whole numbers");
        }
        int[] values = new int[Math.toIntExact(array.elements())];
        for (int i = 0; i < values.length; i++) {
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
        Labels labels = raw.findings() == 1
                ? new Labels.Classes(raw.labels(), names)
                : new Labels.Findings(bytes(raw.labels()), names);
        return new LabelledImages(shape, raw.images().content(), labels, groups, List.of());
    }

    private static byte[] bytes(int[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
