package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVRecord;

/**
 * ISIC 2018 task 3 (HAM10000): {@code ISIC2018_Task3_{Training,Validation,Test}_{Input,GroundTruth}}. Lesions come from
 * {@code ISIC2018_Task3_Training_LesionGroupings.csv}; sex, age, localisation and source from {@code HAM10000_metadata},
 * where these are there.
 */
final class Isic2018 {
    private static final Map<String, String> COLUMNS =
            Map.of("sex", "sex", "localization", "site", "dataset", "source");

    private Isic2018() {}

    static boolean matches(Path root) {
        return Files.isDirectory(root.resolve("ISIC2018_Task3_Training_Input"));
    }

    /** What tables beside the truth say about pictures, by their names. */
    private record Known(Map<String, String> lesions, Map<String, Map<String, String>> columns) {}

    static Listing list(Path root) throws PreparationException {
        Known known = known(root);
        List<Listing.Entry> entries = new ArrayList<>();
        List<String> classNames = new ArrayList<>();
        for (Map.Entry<Split, String> part : List.of(
                Map.entry(Split.TRAIN, "Training"),
                Map.entry(Split.VALIDATION, "Validation"),
                Map.entry(Split.TEST, "Test"))) {
            String prefix = "ISIC2018_Task3_" + part.getValue();
            Path truth = root.resolve(prefix + "_GroundTruth").resolve(prefix + "_GroundTruth.csv");
            if (!Files.exists(truth) && part.getKey() == Split.TEST) {
                continue; // the truth of the test set came years after the others
            }
            CsvTable table = CsvTable.read(truth);
            List<String> names = table.header().subList(1, table.header().size());
            if (classNames.isEmpty()) {
                classNames.addAll(names);
            } else if (!classNames.equals(names)) {
                throw new PreparationException(
                        "%s: classes %s are not those of the training table %s".formatted(truth, names, classNames));
            }
            PictureIndex pictures = PictureIndex.below(root.resolve(prefix + "_Input"));
            for (CSVRecord row : table.rows()) {
                String image = table.value(row, table.header().getFirst());
                Listing.Entry entry = Listing.Entry.of(image, pictures.named(image), oneHot(table, row, names))
                        .in(part.getKey())
                        .with(known.columns().getOrDefault(image, Map.of()));
                // groupings are of the training pictures only: the others are lesions of their own
                entries.add(
                        known.lesions().isEmpty()
                                ? entry
                                : entry.ofGroup(known.lesions().getOrDefault(image, image)));
            }
        }
        return Listing.of(entries, classNames);
    }

    private static int oneHot(CsvTable table, CSVRecord row, List<String> names) throws PreparationException {
        int label = -1;
        for (int c = 0; c < names.size(); c++) {
            boolean one = table.number(row, names.get(c), 0, 1) == 1;
            if (one && label >= 0) {
                throw new PreparationException("%s: is of two classes, %s and %s; one is allowed"
                        .formatted(table.place(row), names.get(label), names.get(c)));
            }
            label = one ? c : label;
        }
        if (label < 0) {
            throw new PreparationException(
                    "%s: is of no class; one of %s is needed".formatted(table.place(row), names));
        }
        return label;
    }

    private static Known known(Path root) throws PreparationException {
        Known known = new Known(new HashMap<>(), new HashMap<>());
        Optional<Path> groupings = find(root, "LesionGroupings.csv");
        if (groupings.isPresent()) {
            CsvTable table = CsvTable.read(groupings.get());
            for (CSVRecord row : table.rows()) {
                known.lesions().put(table.value(row, "image"), table.value(row, "lesion_id"));
            }
        }
        Optional<Path> metadata = regular(root, "HAM10000_metadata").or(() -> regular(root, "HAM10000_metadata.csv"));
        if (metadata.isPresent()) {
            CsvTable table = CsvTable.read(metadata.get());
            for (CSVRecord row : table.rows()) {
                String image = table.value(row, "image_id");
                known.lesions().putIfAbsent(image, table.value(row, "lesion_id"));
                Map<String, String> columns = new TreeMap<>();
                COLUMNS.forEach(
                        (theirs, ours) -> table.optional(row, theirs).ifPresent(text -> columns.put(ours, text)));
                table.optional(row, "age").flatMap(AgeBand::of).ifPresent(band -> columns.put("age", band));
                known.columns().put(image, columns);
            }
        }
        return known;
    }

    private static Optional<Path> regular(Path root, String name) {
        Path file = root.resolve(name);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    private static Optional<Path> find(Path root, String ending) throws PreparationException {
        try (Stream<Path> paths = Files.find(
                root,
                2,
                (path, attributes) ->
                        attributes.isRegularFile() && path.toString().endsWith(ending))) {
            return paths.sorted().findFirst();
        } catch (IOException e) {
            throw new PreparationException(root + ": cannot be listed: " + Failures.reason(e), e);
        }
    }
}
