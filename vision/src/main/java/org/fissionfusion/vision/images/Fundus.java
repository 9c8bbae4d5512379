package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVRecord;

/** Retinal photographs graded for diabetic retinopathy: APTOS 2019, EyePACS, Messidor, Messidor-2. */
final class Fundus {
    /** The international scale (ICDR), as APTOS, EyePACS, IDRiD and the adjudicated Messidor-2 grades use it. */
    static final List<String> GRADES =
            List.of("No DR", "Mild NPDR", "Moderate NPDR", "Severe NPDR", "Proliferative DR");

    /** Messidor's own scale, which is another one. */
    private static final List<String> MESSIDOR_GRADES = List.of("R0", "R1", "R2", "R3");

    private Fundus() {}

    static boolean isAptos(Path root) {
        return Files.isDirectory(root.resolve("train_images"));
    }

    /** {@code train.csv} (id_code, diagnosis) and {@code train_images}; the competition's test set has no labels. */
    static Listing aptos(Path root) throws PreparationException {
        CsvTable table = CsvTable.read(root.resolve("train.csv"));
        PictureIndex pictures = PictureIndex.below(root.resolve("train_images"));
        List<Listing.Entry> entries = new ArrayList<>();
        for (CSVRecord row : table.rows()) {
            String id = table.value(row, "id_code");
            entries.add(Listing.Entry.of(id, pictures.named(id), grade(table, row, "diagnosis")));
        }
        return Listing.of(entries, GRADES);
    }

    static boolean isEyePacs(Path root) {
        return Files.isRegularFile(root.resolve("trainLabels.csv"));
    }

    /** {@code trainLabels.csv} (image, level) and {@code train}; names are PATIENT_left and PATIENT_right. */
    static Listing eyePacs(Path root) throws PreparationException {
        CsvTable table = CsvTable.read(root.resolve("trainLabels.csv"));
        PictureIndex pictures = PictureIndex.below(root.resolve("train"));
        List<Listing.Entry> entries = new ArrayList<>();
        for (CSVRecord row : table.rows()) {
            String image = table.value(row, "image");
            int bar = image.lastIndexOf('_');
            if (bar < 1) {
                throw new PreparationException(
                        "%s: image '%s' is not PATIENT_left or PATIENT_right".formatted(table.place(row), image));
            }
            entries.add(Listing.Entry.of(image, pictures.named(image), grade(table, row, "level"))
                    .ofGroup(image.substring(0, bar))
                    .with(Map.of("eye", image.substring(bar + 1))));
        }
        return Listing.of(entries, GRADES);
    }

    static boolean isMessidor(Path root) {
        if (!Files.isDirectory(root)) {
            return false;
        }
        try (Stream<Path> paths = Files.find(root, 2, (path, attributes) -> annotation(path))) {
            return paths.findAny().isPresent();
        } catch (IOException | UncheckedIOException e) {
            return false; // reported when the folder is really read
        }
    }

    /** The spreadsheets, or what was saved from them. */
    private static boolean annotation(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).matches("annotation.?base.*\\.(csv|xlsx?)");
    }

    /** {@code Annotation_Base11.csv} and so on, saved from the spreadsheets; pictures anywhere below. */
    static Listing messidor(Path root) throws PreparationException {
        PictureIndex pictures = PictureIndex.below(root);
        List<Listing.Entry> entries = new ArrayList<>();
        List<Path> annotations = annotations(root);
        if (annotations.isEmpty()) {
            throw new PreparationException(
                    root + ": has no Annotation_Base*.csv; save every Annotation_Base*.xls as CSV beside it");
        }
        for (Path file : annotations) {
            CsvTable table = CsvTable.read(file);
            for (CSVRecord row : table.rows()) {
                String image = table.value(row, "Image name");
                int grade = table.number(row, "Retinopathy grade", 0, MESSIDOR_GRADES.size() - 1);
                Map<String, String> site = new HashMap<>();
                table.optional(row, "Ophthalmologic department").ifPresent(text -> site.put("site", text));
                entries.add(Listing.Entry.of(image, pictures.named(image), grade)
                        .in(Split.TEST)
                        .with(site));
            }
        }
        return Listing.of(entries, MESSIDOR_GRADES);
    }

    private static List<Path> annotations(Path root) throws PreparationException {
        try (Stream<Path> paths = Files.find(root, 2, (path, attributes) -> annotation(path))) {
            return paths.filter(path -> path.toString().toLowerCase(Locale.ROOT).endsWith(".csv"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new PreparationException(root + ": cannot be listed: " + Failures.reason(e), e);
        }
    }

    static boolean isMessidor2(Path root) {
        return Files.isRegularFile(root.resolve("messidor_data.csv"));
    }

    /**
     * {@code messidor_data.csv} (image_id, adjudicated_dr_grade, adjudicated_gradable): pictures without a grade are
     * left out. {@code messidor-2.csv} (left;right) tells which two are of one patient, where it is there.
     */
    static Listing messidor2(Path root) throws PreparationException {
        CsvTable table = CsvTable.read(root.resolve("messidor_data.csv")).with("adjudicated_dr_grade");
        Map<String, String> patients = pairs(root);
        PictureIndex pictures = PictureIndex.below(root);
        List<Listing.Entry> entries = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (CSVRecord row : table.rows()) {
            String image = table.value(row, "image_id");
            if (table.optional(row, "adjudicated_dr_grade").isEmpty()) {
                leftOut.add(image + ": not gradable, says " + table.file().getFileName());
                continue;
            }
            Listing.Entry entry = Listing.Entry.of(
                            image, pictures.named(image), grade(table, row, "adjudicated_dr_grade"))
                    .in(Split.TEST);
            String stem = PictureIndex.stem(image);
            entries.add(patients.isEmpty() ? entry : entry.ofGroup(patients.getOrDefault(stem, stem)));
        }
        return Listing.of(entries, GRADES).leavingOut(leftOut);
    }

    /** Left picture's name by either eye's name. */
    private static Map<String, String> pairs(Path root) throws PreparationException {
        Path file = root.resolve("messidor-2.csv");
        Map<String, String> patients = new HashMap<>();
        if (!Files.isRegularFile(file)) {
            return patients;
        }
        try {
            List<String> lines = Files.readAllLines(file);
            for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                String[] eyes = line.split("[;,]", -1);
                for (String eye : eyes) {
                    if (!eye.isBlank()) {
                        patients.put(PictureIndex.stem(eye.strip()), PictureIndex.stem(eyes[0].strip()));
                    }
                }
            }
        } catch (IOException e) {
            throw new PreparationException(file + ": cannot be read: " + Failures.reason(e), e);
        }
        return patients;
    }

    static int grade(CsvTable table, CSVRecord row, String column) throws PreparationException {
        return table.number(row, column, 0, GRADES.size() - 1);
    }
}
