package org.fissionfusion.vision.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;

/**
 * RSNA Pneumonia Detection Challenge: {@code stage_2_detailed_class_info.csv} (patientId, class) and {@code
 * stage_2_train_images} (DICOM, or PNG of the same names). Normal against Lung Opacity, one row per patient; the third
 * class, neither of the two, is left out as in the paper.
 */
final class RsnaPneumonia {
    private static final List<String> CLASSES = List.of("Normal", "Lung Opacity");
    private static final String THIRD_CLASS = "No Lung Opacity / Not Normal";

    private RsnaPneumonia() {}

    static boolean matches(Path root) {
        return Files.isRegularFile(root.resolve("stage_2_detailed_class_info.csv"))
                || Files.isDirectory(root.resolve("stage_2_train_images"));
    }

    static Listing list(Path root) throws PreparationException {
        CsvTable table = CsvTable.read(root.resolve("stage_2_detailed_class_info.csv"));
        PictureIndex pictures = PictureIndex.below(root.resolve("stage_2_train_images"));
        List<Listing.Entry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int third = 0;
        for (CSVRecord row : table.rows()) {
            String patient = table.value(row, "patientId");
            if (!seen.add(patient)) {
                continue; // one row per opacity, all of one film
            }
            String name = table.value(row, "class");
            int label = CLASSES.indexOf(name);
            if (label < 0 && !name.equals(THIRD_CLASS)) {
                throw new PreparationException("%s: class '%s' is none of %s, %s"
                        .formatted(table.place(row), name, String.join(", ", CLASSES), THIRD_CLASS));
            }
            if (label < 0) {
                third++;
                continue;
            }
            Picture.OfFile picture = pictures.named(patient);
            entries.add(
                    Listing.Entry.of(patient, picture, label).ofGroup(patient).with(columns(picture.file())));
        }
        return Listing.of(entries, CLASSES)
                .leavingOut(third == 0 ? List.of() : List.of(third + " pictures of '" + THIRD_CLASS + "'"));
    }

    private static Map<String, String> columns(Path file) {
        return PictureDecoder.isDicom(file) ? DicomColumns.of(file) : Map.of();
    }
}
