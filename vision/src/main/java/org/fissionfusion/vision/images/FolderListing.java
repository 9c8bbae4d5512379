package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Lists {@code split/class/image} and {@code class/image} folders. */
final class FolderListing {
    private FolderListing() {}

    static Listing of(ImageSource.ClassFolders source) throws PreparationException {
        Path root = source.path();
        Map<Split, Path> splits = new TreeMap<>();
        for (Path folder : folders(root)) {
            Optional<Split> split = Split.named(folder.getFileName().toString());
            if (split.isPresent()) {
                splits.put(split.get(), folder);
            }
        }
        TreeSet<String> names = new TreeSet<>();
        for (Path parent : splits.isEmpty() ? List.of(root) : List.copyOf(splits.values())) {
            folders(parent).forEach(folder -> names.add(folder.getFileName().toString()));
        }
        if (names.isEmpty()) {
            throw new PreparationException(root + ": has no class folders; expected split/class/image or class/image");
        }
        List<String> classNames = List.copyOf(names);
        List<Listing.Entry> entries = new ArrayList<>();
        if (splits.isEmpty()) {
            collect(root, Split.TRAIN, classNames, entries);
            return new Listing(Listing.divide(entries, source.seed()), classNames, false);
        }
        for (Map.Entry<Split, Path> split : splits.entrySet()) {
            collect(split.getValue(), split.getKey(), classNames, entries);
        }
        return new Listing(entries, classNames, false);
    }

    private static void collect(Path parent, Split split, List<String> classNames, List<Listing.Entry> entries)
            throws PreparationException {
        for (int c = 0; c < classNames.size(); c++) {
            Path folder = parent.resolve(classNames.get(c));
            if (Files.isDirectory(folder)) {
                for (Path file : pictures(folder)) {
                    entries.add(new Listing.Entry(file, c, file.toString(), split));
                }
            }
        }
    }

    private static List<Path> folders(Path parent) throws PreparationException {
        return list(parent).stream()
                .filter(Files::isDirectory)
                .filter(p -> !p.getFileName().toString().startsWith("."))
                .toList();
    }

    private static List<Path> pictures(Path parent) throws PreparationException {
        return list(parent).stream().filter(FolderListing::picture).toList();
    }

    private static boolean picture(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".")
                && Stream.of(".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff")
                        .anyMatch(name::endsWith);
    }

    private static List<Path> list(Path parent) throws PreparationException {
        try (Stream<Path> paths = Files.list(parent)) {
            return paths.sorted().toList();
        } catch (IOException e) {
            throw new PreparationException(parent + ": cannot be listed: " + Failures.reason(e), e);
        }
    }
}
