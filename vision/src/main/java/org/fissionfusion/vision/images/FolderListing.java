package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Lists {@code split/class/image} and {@code class/image} folders. */
final class FolderListing {
    private FolderListing() {}

    static boolean hasSplits(Path root) throws PreparationException {
        return !splits(root).isEmpty();
    }

    private static Map<Split, Path> splits(Path root) throws PreparationException {
        Map<Split, Path> splits = new TreeMap<>();
        for (Path folder : folders(root)) {
            Optional<Split> split = Split.named(folder.getFileName().toString());
            if (split.isPresent()) {
                splits.put(split.get(), folder);
            }
        }
        return splits;
    }

    /** What has no split folders is all for training. */
    static Listing of(Path root) throws PreparationException {
        Map<Split, Path> splits = splits(root);
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
            collect(root, root, Split.TRAIN, classNames, entries);
            return Listing.of(entries, classNames);
        }
        for (Map.Entry<Split, Path> split : splits.entrySet()) {
            collect(root, split.getValue(), split.getKey(), classNames, entries);
        }
        return Listing.of(entries, classNames);
    }

    private static void collect(
            Path root, Path parent, Split split, List<String> classNames, List<Listing.Entry> entries)
            throws PreparationException {
        for (int c = 0; c < classNames.size(); c++) {
            Path folder = parent.resolve(classNames.get(c));
            if (Files.isDirectory(folder)) {
                for (Path file : list(folder)) {
                    if (PictureIndex.picture(file)) {
                        String name = root.relativize(file).toString();
                        entries.add(Listing.Entry.of(name, new Picture.OfFile(file), c)
                                .in(split));
                    }
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

    private static List<Path> list(Path parent) throws PreparationException {
        try (Stream<Path> paths = Files.list(parent)) {
            return paths.sorted().toList();
        } catch (IOException e) {
            throw new PreparationException(parent + ": cannot be listed: " + Failures.reason(e), e);
        }
    }
}
