package org.fissionfusion.vision.images;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * CIFAR-10 and CIFAR-100 in their binary version and CIFAR-10.1 as .npy. Images keep their 32 x 32 pixels; they are
 * named {@code train/0}, {@code test/0} and so on, over all files of a split in order.
 */
final class Cifar {
    private static final int SIDE = 32;
    private static final int PIXELS = 3 * SIDE * SIDE;
    private static final List<String> TEN_TRAINING = IntStream.rangeClosed(1, 5)
            .mapToObj(i -> "data_batch_" + i + ".bin")
            .toList();

    /** CIFAR-10's, which CIFAR-10.1 shares without a file that says so. */
    private static final List<String> TEN_CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private Cifar() {}

    static boolean isTen(Path root) {
        return Files.isRegularFile(inside(root, "cifar-10-batches-bin").resolve("data_batch_1.bin"))
                || Files.isDirectory(root.resolve("cifar-10-batches-py"))
                || Files.isRegularFile(root.resolve("data_batch_1"));
    }

    static boolean isHundred(Path root) {
        Path folder = inside(root, "cifar-100-binary");
        return Files.isRegularFile(folder.resolve("train.bin")) || Files.isDirectory(root.resolve("cifar-100-python"));
    }

    static boolean isTenOne(Path root) {
        return Stream.of("v6", "v4")
                .anyMatch(version -> Files.isRegularFile(root.resolve("cifar10.1_" + version + "_data.npy")));
    }

    private static Path inside(Path root, String archiveFolder) {
        Path folder = root.resolve(archiveFolder);
        return Files.isDirectory(folder) ? folder : root;
    }

    static Listing ten(Path root) throws PreparationException {
        Path folder = inside(root, "cifar-10-batches-bin");
        requireBinary(folder.resolve("data_batch_1.bin"));
        List<String> names = lines(folder.resolve("batches.meta.txt"));
        return binary(folder, TEN_TRAINING, "test_batch.bin", new Format(1, names));
    }

    static Listing hundred(Path root) throws PreparationException {
        Path folder = inside(root, "cifar-100-binary");
        requireBinary(folder.resolve("train.bin"));
        List<String> names = lines(folder.resolve("fine_label_names.txt"));
        return binary(folder, List.of("train.bin"), "test.bin", new Format(2, names));
    }

    private static void requireBinary(Path file) throws PreparationException {
        if (!Files.isRegularFile(file)) {
            throw new PreparationException(
                    file + ": no such file; of CIFAR's downloads the one called \"binary version\" is needed");
        }
    }

    /** Label bytes, the last of which is the class, then red, green and blue. */
    private record Format(int labelBytes, List<String> names) {
        int bytes() {
            return labelBytes + PIXELS;
        }
    }

    private static Listing binary(Path folder, List<String> training, String test, Format record)
            throws PreparationException {
        List<Listing.Entry> entries = new ArrayList<>();
        for (String file : training) {
            read(folder.resolve(file), Split.TRAIN, record, entries);
        }
        List<Listing.Entry> testing = new ArrayList<>();
        read(folder.resolve(test), Split.TEST, record, testing);
        entries.addAll(testing);
        return squares(entries, record.names());
    }

    private static Listing squares(List<Listing.Entry> entries, List<String> names) {
        return new Listing(entries, names, false, Optional.of(SIDE), List.of());
    }

    private static void read(Path file, Split split, Format record, List<Listing.Entry> entries)
            throws PreparationException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            long size = Files.size(file);
            if (size == 0 || size % record.bytes() != 0) {
                throw new PreparationException(
                        "%s: %d bytes are not whole records of %d bytes".formatted(file, size, record.bytes()));
            }
            for (long at = 0; at < size; at += record.bytes()) {
                int label = in.readNBytes(record.labelBytes())[record.labelBytes() - 1] & 0xff;
                in.skipNBytes(PIXELS);
                requireClass(file + " at byte " + at, label, record.names());
                Picture picture = new Picture.Run(file, at + record.labelBytes(), PIXELS, true);
                entries.add(Listing.Entry.of(split.wireName() + "/" + entries.size(), picture, label)
                        .in(split));
            }
        } catch (IOException e) {
            throw new PreparationException(file + ": cannot be read: " + Failures.reason(e), e);
        }
    }

    private static void requireClass(String where, int label, List<String> names) throws PreparationException {
        if (label < 0 || label >= names.size()) {
            throw new PreparationException("%s: label %d is outside 0..%d".formatted(where, label, names.size() - 1));
        }
    }

    static Listing tenOne(Path root) throws PreparationException {
        String version = Files.isRegularFile(root.resolve("cifar10.1_v6_data.npy")) ? "v6" : "v4";
        Path data = root.resolve("cifar10.1_" + version + "_data.npy");
        Path labelFile = root.resolve("cifar10.1_" + version + "_labels.npy");
        if (!Files.isRegularFile(labelFile)) {
            throw new PreparationException(labelFile + ": no such file");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(labelFile))) {
            NpyArray labels = NpyArray.read(labelFile.toString(), in);
            int n = Math.toIntExact(labels.elements());
            // pixels end the file: its header's length is what is left
            long header = Files.size(data) - (long) n * PIXELS;
            byte[] start;
            try (InputStream head = Files.newInputStream(data)) {
                start = head.readNBytes(Math.clamp(header, 0, 1 << 16));
            }
            String text = new String(start, StandardCharsets.ISO_8859_1);
            if (!text.contains("(%d, %d, %d, 3)".formatted(n, SIDE, SIDE)) || !text.contains("u1")) {
                throw new PreparationException(
                        "%s: holds no array of unsigned bytes, %d x %d x %d x 3".formatted(data, n, SIDE, SIDE));
            }
            List<Listing.Entry> entries = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                int label = (int) labels.at(i);
                requireClass(labelFile + "[" + i + "]", label, TEN_CLASSES);
                Picture picture = new Picture.Run(data, header + (long) i * PIXELS, PIXELS, false);
                entries.add(Listing.Entry.of("test/" + i, picture, label).in(Split.TEST));
            }
            return squares(entries, TEN_CLASSES);
        } catch (IOException e) {
            throw new PreparationException(root + ": cannot be read: " + Failures.reason(e), e);
        }
    }

    private static List<String> lines(Path file) throws PreparationException {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new PreparationException(file + ": cannot be read: " + Failures.reason(e), e);
        }
    }
}
