package org.fissionfusion.vision.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where images and labels come from. */
public sealed interface ImageSource {

    /** The file or folder, for messages. */
    Path path();

    /** Whether a seed draws some of its splits, where it is a whole domain. */
    default boolean drawsSplits() throws PreparationException {
        return switch (this) {
            case Npz _ -> false;
            case ClassFolders folders -> !FolderListing.hasSplits(folders.path());
            case Table table -> table.columns().split().isEmpty();
            case Official official ->
                official.splitTable().isEmpty() && official.layout().drawsSplits();
        };
    }

    /** Whether its pictures become squares of the wanted size; the others keep theirs. */
    default boolean resized() {
        return switch (this) {
            case Npz _ -> false;
            case ClassFolders _, Table _ -> true;
            case Official official -> official.layout().resized();
        };
    }

    /**
     * A MedMNIST-style .npz; images keep their size.
     *
     * @param classNames in label order; empty: the labels' numbers
     */
    record Npz(Path path, List<String> classNames) implements ImageSource {
        public Npz {
            classNames = List.copyOf(classNames);
        }
    }

    /**
     * {@code split/class/image} or, without split folders, {@code class/image} split 80/10/10 by the seed. Classes are in
     * alphabetical order.
     */
    record ClassFolders(Path path, long seed) implements ImageSource {}

    /**
     * A data set as its publisher hands it out.
     *
     * @param seed chooses the splits that the publisher does not
     * @param splitTable a CSV file (image, split) that is followed instead
     */
    record Official(Layout layout, Path path, long seed, Optional<Path> splitTable) implements ImageSource {}

    /**
     * A CSV file with a header.
     *
     * @param imageFolder what image names are relative to; an extension may be missing in the table
     * @param seed splits 80/10/10 when there is no split column; groups stay together
     */
    record Table(Path path, Path imageFolder, Columns columns, long seed) implements ImageSource {}

    /**
     * Names of a table's columns.
     *
     * @param labels one: the class; several: findings of 1, 0, -1 (uncertain) or nothing
     * @param subgroups carried through, so that scores can be told by them
     */
    record Columns(
            String image, List<String> labels, Optional<String> split, Optional<String> group, List<String> subgroups) {
        public Columns {
            labels = List.copyOf(labels);
            subgroups = List.copyOf(subgroups);
            if (labels.isEmpty()) {
                throw new IllegalArgumentException("label columns: none given; allowed is one or more");
            }
        }
    }

    /** Guesses the layout from what is there: an .npz file, an official layout, class folders. */
    static ImageSource detect(Path path, List<String> classNames, long seed) throws PreparationException {
        return detect(path, classNames, seed, Optional.empty());
    }

    /** {@link #detect(Path, List, long)} with a table that splits an official layout. */
    static ImageSource detect(Path path, List<String> classNames, long seed, Optional<Path> splitTable)
            throws PreparationException {
        if (path.toString().endsWith(".npz")) {
            return new Npz(path, classNames);
        }
        if (!Files.isDirectory(path)) {
            throw new PreparationException(path
                    + ": is neither an .npz file nor a folder of a known layout or of class folders"
                    + (Files.exists(path) ? "" : " (no such file)"));
        }
        List<Layout> layouts = Layout.matching(path);
        if (layouts.size() > 1) {
            throw new PreparationException("%s: looks like each of %s; prepare --layout says which"
                    .formatted(path, layouts.stream().map(Layout::wireName).collect(Collectors.joining(", "))));
        }
        if (layouts.isEmpty() && splitTable.isPresent()) {
            throw new PreparationException(path + ": a split table needs one of the official layouts");
        }
        return layouts.isEmpty()
                ? new ClassFolders(path, seed)
                : new Official(layouts.getFirst(), path, seed, splitTable);
    }
}
