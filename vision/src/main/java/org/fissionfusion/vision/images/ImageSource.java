package org.fissionfusion.vision.images;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where images and labels come from. */
public sealed interface ImageSource {

    /** The file or folder, for messages. */
    Path path();

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
     * The ISIC 2018 task 3 folders {@code ISIC2018_Task3_{Training,Validation,Test}_{Input,GroundTruth}}; lesion
     * groupings are read where there are any.
     */
    record Isic2018(Path path) implements ImageSource {}

    /**
     * A CSV file with a header.
     *
     * @param imageFolder what image names are relative to; an extension may be missing in the table
     * @param seed splits 80/10/10 when there is no split column; groups stay together
     */
    record Table(Path path, Path imageFolder, Columns columns, long seed) implements ImageSource {}

    /** Names of a table's columns. */
    record Columns(String image, String label, Optional<String> split, Optional<String> group) {}

    /** Guesses the layout from what is there: an .npz file, ISIC 2018 folders, class folders. */
    static ImageSource detect(Path path, List<String> classNames, long seed) throws PreparationException {
        if (path.toString().endsWith(".npz")) {
            return new Npz(path, classNames);
        }
        if (java.nio.file.Files.isDirectory(path.resolve("ISIC2018_Task3_Training_Input"))) {
            return new Isic2018(path);
        }
        if (java.nio.file.Files.isDirectory(path)) {
            return new ClassFolders(path, seed);
        }
        throw new PreparationException(path
                + ": is neither an .npz file nor a folder of ISIC 2018 or class folders"
                + (java.nio.file.Files.exists(path) ? "" : " (no such file)"));
    }
}
