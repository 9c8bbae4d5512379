package org.fissionfusion.vision.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.csv.CSVRecord;

/** Lists pictures named by any CSV table with an image column and one or more label columns. */
final class TableListing {
    private static final List<String> ENDINGS = List.of("", ".jpg", ".jpeg", ".png", ".JPG", ".PNG", ".tif", ".dcm");

    private TableListing() {}

    /** What has no split column is all for training. */
    static Listing of(ImageSource.Table source) throws PreparationException {
        CsvTable table = CsvTable.read(source.path());
        ImageSource.Columns columns = source.columns();
        boolean multilabel = columns.labels().size() > 1;
        List<String> classNames = multilabel
                ? columns.labels()
                : classNames(table, columns.labels().getFirst());
        List<Listing.Entry> entries = new ArrayList<>();
        for (CSVRecord row : table.rows()) {
            String image = table.filled(row, columns.image());
            Split split = Split.TRAIN;
            if (columns.split().isPresent()) {
                split = Split.required(
                        table.place(row), table.value(row, columns.split().get()));
            }
            Optional<String> group = Optional.empty();
            if (columns.group().isPresent()) {
                group = Optional.of(table.filled(row, columns.group().get()));
            }
            Map<String, String> subgroups = new TreeMap<>();
            for (String column : columns.subgroups()) {
                String level = table.value(row, column);
                subgroups.put(
                        column,
                        column.equalsIgnoreCase("age") ? AgeBand.of(level).orElse(level) : level);
            }
            List<Integer> target = multilabel
                    ? findings(table, row, classNames)
                    : List.of(
                            classNames.indexOf(table.value(row, columns.labels().getFirst())));
            Picture picture = new Picture.OfFile(picture(source.imageFolder(), image));
            entries.add(new Listing.Entry(image, picture, target, group, split, subgroups));
        }
        return new Listing(entries, classNames, multilabel, Optional.empty(), List.of());
    }

    private static List<String> classNames(CsvTable table, String column) throws PreparationException {
        TreeSet<String> names =
                new TreeSet<>(Comparator.comparingDouble(TableListing::rank).thenComparing(n -> n));
        for (CSVRecord row : table.rows()) {
            names.add(table.filled(row, column));
        }
        return List.copyOf(names);
    }

    private static List<Integer> findings(CsvTable table, CSVRecord row, List<String> names)
            throws PreparationException {
        List<Integer> values = new ArrayList<>();
        for (String name : names) {
            values.add(table.value(row, name).isEmpty() ? Labels.Findings.BLANK : table.number(row, name, -1, 1));
        }
        return values;
    }

    /** Numbers in their own order before words. */
    private static double rank(String name) {
        try {
            return Double.parseDouble(name);
        } catch (NumberFormatException e) {
            return Double.MAX_VALUE;
        }
    }

    private static Path picture(Path folder, String name) {
        for (String ending : ENDINGS) {
            Path file = folder.resolve(name + ending);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return folder.resolve(name); // missing: reported when it is decoded
    }
}
