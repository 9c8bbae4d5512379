package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVRecord;

/**
 * IDRiD's disease grading: {@code 1. Original Images/{a. Training Set,b. Testing Set}} and {@code 2. Groundtruths/*.csv}
 * (Image name, Retinopathy grade). Training and testing pictures have the same names.
 */
final class Idrid {
    private static final String IMAGES = "1. Original Images";

    private Idrid() {}

    static boolean matches(Path root) {
        return Files.isDirectory(inside(root).resolve(IMAGES));
    }

    private static Path inside(Path root) {
        Path folder = root.resolve("B. Disease Grading");
        return Files.isDirectory(folder) ? folder : root;
    }

    static Listing list(Path root) throws PreparationException {
        Path folder = inside(root);
        List<Listing.Entry> entries = new ArrayList<>();
        for (Map.Entry<Split, String> part :
                List.of(Map.entry(Split.TRAIN, "Training"), Map.entry(Split.TEST, "Testing"))) {
            Path truth = only(folder.resolve("2. Groundtruths"), part.getValue(), ".csv");
            PictureIndex pictures = PictureIndex.below(only(folder.resolve(IMAGES), part.getValue(), ""));
            CsvTable table = CsvTable.read(truth).with("Image name");
            for (CSVRecord row : table.rows()) {
                if (table.optional(row, "Image name").isEmpty()) {
                    continue; // the official tables end with empty rows
                }
                String image = table.value(row, "Image name");
                int grade = Fundus.grade(table, row, "Retinopathy grade");
                entries.add(Listing.Entry.of(part.getKey().wireName() + "/" + image, pictures.named(image), grade)
                        .in(part.getKey()));
            }
        }
        return Listing.of(entries, Fundus.GRADES);
    }

    private static Path only(Path folder, String word, String ending) throws PreparationException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> path.getFileName().toString().contains(word)
                            && path.toString().endsWith(ending))
                    .sorted()
                    .findFirst()
                    .orElseThrow(() ->
                            new PreparationException("%s: has nothing called *%s*%s".formatted(folder, word, ending)));
        } catch (IOException e) {
            throw new PreparationException(folder + ": cannot be listed: " + Failures.reason(e), e);
        }
    }
}
