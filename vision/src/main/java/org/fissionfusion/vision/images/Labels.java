package org.fissionfusion.vision.images;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What is known about every image of a set, in the order of the images. */
public sealed interface Labels {

    /** Number of images N. */
    int size();

    /** Names of the classes or findings, in the order of their numbers. */
    List<String> classNames();

    /** Images of each class; of findings: images in which it is present. */
    int[] classCounts();

    /** The labels of some images, in the order given. */
    Labels select(int[] images);

    /**
     * Every image is of one class.
     *
     * @param values N class numbers, each below the number of class names
     */
    @SuppressWarnings("ArrayRecordComponent") // held once, never compared
    record Classes(int[] values, List<String> classNames) implements Labels {
        public Classes {
            classNames = List.copyOf(classNames);
            for (int i = 0; i < values.length; i++) {
                if (values[i] < 0 || values[i] >= classNames.size()) {
                    throw new IllegalArgumentException(
                            "image %d: label %d is outside 0..%d".formatted(i, values[i], classNames.size() - 1));
                }
            }
        }

        @Override
        public int size() {
            return values.length;
        }

        @Override
        public int[] classCounts() {
            int[] counts = new int[classNames.size()];
            for (int value : values) {
                counts[value]++;
            }
            return counts;
        }

        @Override
        public Classes select(int[] images) {
            return new Classes(Arrays.stream(images).map(i -> values[i]).toArray(), classNames);
        }
    }

    /**
     * An image may show several findings or none (multilabel).
     *
     * @param values N x T, image after image: {@link #PRESENT}, {@link #ABSENT}, {@link #UNCERTAIN} or {@link #BLANK}
     * @param classNames the T findings
     */
    @SuppressWarnings("ArrayRecordComponent") // held once, never compared
    record Findings(byte[] values, List<String> classNames) implements Labels {
        public static final byte PRESENT = 1;
        public static final byte ABSENT = 0;
        /** The report neither states nor denies it. */
        public static final byte UNCERTAIN = -1;
        /** The report does not mention it. */
        public static final byte BLANK = -2;

        public Findings {
            classNames = List.copyOf(classNames);
            if (classNames.isEmpty() || values.length % classNames.size() != 0) {
                throw new IllegalArgumentException(
                        "%d values do not make rows of %d findings".formatted(values.length, classNames.size()));
            }
            for (int i = 0; i < values.length; i++) {
                if (values[i] < BLANK || values[i] > PRESENT) {
                    throw new IllegalArgumentException(
                            "image %d, %s: value %d; allowed are 1, 0, -1 (uncertain), -2 (blank)"
                                    .formatted(
                                            i / classNames.size(), classNames.get(i % classNames.size()), values[i]));
                }
            }
        }

        @Override
        public int size() {
            return values.length / classNames.size();
        }

        /** What is known about a finding in an image. */
        public byte value(int image, int finding) {
            return values[image * classNames.size() + finding];
        }

        @Override
        public int[] classCounts() {
            return counts(PRESENT);
        }

        /** In how many images each finding has this value. */
        public int[] counts(byte wanted) {
            int[] counts = new int[classNames.size()];
            for (int i = 0; i < values.length; i++) {
                if (values[i] == wanted) {
                    counts[i % counts.length]++;
                }
            }
            return counts;
        }

        @Override
        public Findings select(int[] images) {
            int width = classNames.size();
            byte[] kept = new byte[images.length * width];
            for (int i = 0; i < images.length; i++) {
                System.arraycopy(values, images[i] * width, kept, i * width, width);
            }
            return new Findings(kept, classNames);
        }
    }

    /** The labels of several sets of the same kind and classes, one after the other. */
    static Labels concatenated(List<Labels> parts) {
        List<String> names = parts.getFirst().classNames();
        return switch (parts.getFirst()) {
            case Classes _ ->
                new Classes(
                        parts.stream()
                                .flatMapToInt(part -> IntStream.of(((Classes) part).values()))
                                .toArray(),
                        names);
            case Findings _ -> {
                byte[] all = new byte
                        [parts.stream()
                                .mapToInt(part -> ((Findings) part).values().length)
                                .sum()];
                int at = 0;
                for (Labels part : parts) {
                    byte[] values = ((Findings) part).values();
                    System.arraycopy(values, 0, all, at, values.length);
                    at += values.length;
                }
                yield new Findings(all, names);
            }
        };
    }
}
