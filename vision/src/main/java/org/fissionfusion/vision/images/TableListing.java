package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Lists pictures named by CSV tables: any table with an image and a label column, and ISIC 2018 task 3. */
final class TableListing {
    private static final List<String> ENDINGS = List.of("", ".jpg", ".jpeg", ".png", ".JPG", ".PNG");

    private TableListing() {}

    /** A header and its rows. */
    private record Rows(Path file, List<String> header, List<CSVRecord> records) {
        static Rows read(Path file) throws PreparationException {
            CSVFormat format = CSVFormat.DEFAULT
                    .builder()
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .setTrim(true)
                    .get();
            try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                    CSVParser parser = CSVParser.parse(in, format)) {
                return new Rows(file, parser.getHeaderNames(), parser.getRecords());
            } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
                throw new PreparationException(file + ": cannot be read as CSV: " + Failures.reason(e), e);
            }
        }

        String value(CSVRecord row, String column) throws PreparationException {
            if (!header.contains(column)) {
                throw new PreparationException("%s: has no column '%s'; it has %s".formatted(file, column, header));
            }
            if (!row.isSet(column)) {
                throw new PreparationException(
                        "%s:%d: has no value for '%s'".formatted(file, row.getRecordNumber() + 1, column));
            }
            return row.get(column);
        }
    }

    static Listing of(ImageSource.Table source) throws PreparationException {
        Rows rows = Rows.read(source.path());
        ImageSource.Columns columns = source.columns();
        TreeSet<String> names =
                new TreeSet<>(Comparator.comparingDouble(TableListing::rank).thenComparing(n -> n));
        for (CSVRecord row : rows.records()) {
            names.add(rows.value(row, columns.label()));
        }
        List<String> classNames = List.copyOf(names);
        List<Listing.Entry> entries = new ArrayList<>();
        for (CSVRecord row : rows.records()) {
            Path file = picture(source.imageFolder(), rows.value(row, columns.image()));
            Split split = Split.TRAIN;
            if (columns.split().isPresent()) {
                String text = rows.value(row, columns.split().get());
                split = Split.named(text)
                        .orElseThrow(
                                () -> new PreparationException("%s:%d: split '%s' is none of train, validation, test"
                                        .formatted(source.path(), row.getRecordNumber() + 1, text)));
            }
            String group = columns.group().isPresent()
                    ? rows.value(row, columns.group().get())
                    : file.toString();
            int label = classNames.indexOf(rows.value(row, columns.label()));
            entries.add(new Listing.Entry(file, label, group, split));
        }
        return new Listing(
                columns.split().isPresent() ? entries : Listing.divide(entries, source.seed()),
                classNames,
                columns.group().isPresent());
    }

    /** Numbers in their own order before words. */
    private static double rank(String name) {
        try {
            return Double.parseDouble(name);
        } catch (NumberFormatException e) {
            return Double.MAX_VALUE;
        }
    }

    static Listing of(ImageSource.Isic2018 source) throws PreparationException {
        Map<String, String> lesions = lesions(source.path());
        List<Listing.Entry> entries = new ArrayList<>();
        List<String> classNames = new ArrayList<>();
        for (Map.Entry<Split, String> part : List.of(
                Map.entry(Split.TRAIN, "Training"),
                Map.entry(Split.VALIDATION, "Validation"),
                Map.entry(Split.TEST, "Test"))) {
            String prefix = "ISIC2018_Task3_" + part.getValue();
            Path truth = source.path().resolve(prefix + "_GroundTruth").resolve(prefix + "_GroundTruth.csv");
            if (!Files.exists(truth) && part.getKey() == Split.TEST) {
                continue;
            }
            Rows rows = Rows.read(truth);
            List<String> names = rows.header().subList(1, rows.header().size());
            if (classNames.isEmpty()) {
                classNames.addAll(names);
            } else if (!classNames.equals(names)) {
                throw new PreparationException(
                        "%s: classes %s are not those of the training table %s".formatted(truth, names, classNames));
            }
            for (CSVRecord row : rows.records()) {
                String image = rows.value(row, rows.header().getFirst());
                Path file = picture(source.path().resolve(prefix + "_Input"), image);
                int label = oneHot(rows, row, names);
                entries.add(new Listing.Entry(file, label, lesions.getOrDefault(image, image), part.getKey()));
            }
        }
        return new Listing(entries, classNames, !lesions.isEmpty());
    }

    private static int oneHot(Rows rows, CSVRecord row, List<String> names) throws PreparationException {
        int label = -1;
        for (int c = 0; c < names.size(); c++) {
            String text = rows.value(row, names.get(c));
            boolean one = text.equals("1") || text.equals("1.0");
            if (!one && !text.equals("0") && !text.equals("0.0")) {
                throw new PreparationException("%s:%d: %s is '%s'; allowed are 0 and 1"
                        .formatted(rows.file(), row.getRecordNumber() + 1, names.get(c), text));
            }
            if (one && label >= 0) {
                throw new PreparationException("%s:%d: is of two classes, %s and %s; one is allowed"
                        .formatted(rows.file(), row.getRecordNumber() + 1, names.get(label), names.get(c)));
            }
            label = one ? c : label;
        }
        if (label < 0) {
            throw new PreparationException("%s:%d: is of no class; one of %s is needed"
                    .formatted(rows.file(), row.getRecordNumber() + 1, names));
        }
        return label;
    }

    private static Map<String, String> lesions(Path root) throws PreparationException {
        Optional<Path> file;
        try (Stream<Path> paths = Files.find(
                root, 2, (path, attributes) -> path.getFileName().toString().endsWith("LesionGroupings.csv"))) {
            file = paths.sorted().findFirst();
        } catch (IOException e) {
            throw new PreparationException(root + ": cannot be listed: " + Failures.reason(e), e);
        }
        Map<String, String> lesions = new HashMap<>();
        if (file.isPresent()) {
            Rows rows = Rows.read(file.get());
            for (CSVRecord row : rows.records()) {
                lesions.put(rows.value(row, "image"), rows.value(row, "lesion_id"));
            }
        }
        return lesions;
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
