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
 * Frontal chest films with the labeller's thirteen findings: CheXpert and MIMIC-CXR-JPG. Uncertain and blank findings
 * are kept as such; what they mean in training is the request's policy. "No Finding" sets all others but Support
 * Devices to absent.
 */
final class ChestFindings {
    private static final String NO_FINDING = "No Finding";
    private static final String SUPPORT_DEVICES = "Support Devices";
    private static final List<String> FINDINGS = List.of(
            "Enlarged Cardiomediastinum",
            "Cardiomegaly",
            "Lung Opacity",
            "Lung Lesion",
            "Edema",
            "Consolidation",
            "Pneumonia",
            "Atelectasis",
            "Pneumothorax",
            "Pleural Effusion",
            "Pleural Other",
            "Fracture",
            SUPPORT_DEVICES);

    private ChestFindings() {}

    private static Listing listing(List<Listing.Entry> entries, int lateral) {
        List<String> leftOut = lateral == 0 ? List.of() : List.of(lateral + " films that are not frontal");
        return new Listing(entries, FINDINGS, true, Optional.empty(), leftOut);
    }

    private static List<Integer> findings(CsvTable table, CSVRecord row) throws PreparationException {
        boolean nothing = table.has(NO_FINDING)
                && table.optional(row, NO_FINDING).isPresent()
                && table.number(row, NO_FINDING, -1, 1) == 1;
        List<Integer> values = new ArrayList<>();
        for (String finding : FINDINGS) {
            if (nothing && !finding.equals(SUPPORT_DEVICES)) {
                values.add((int) Labels.Findings.ABSENT);
            } else if (table.value(row, finding).isEmpty()) {
                values.add((int) Labels.Findings.BLANK);
            } else {
                values.add(table.number(row, finding, -1, 1));
            }
        }
        return values;
    }

    // ---------------------------------------------------------------- CheXpert

    static boolean isChexpert(Path root) {
        return (Files.isDirectory(root.resolve("train")) && Files.isRegularFile(root.resolve("valid.csv")))
                || hasFolder(root.resolve("train"), "patient\\d+");
    }

    private static boolean hasFolder(Path parent, String pattern) {
        if (!Files.isDirectory(parent)) {
            return false;
        }
        try (Stream<Path> paths = Files.list(parent)) {
            return paths.anyMatch(path -> path.getFileName().toString().matches(pattern));
        } catch (IOException e) {
            return false; // reported when the folder is really read
        }
    }

    /**
     * {@code train.csv}, {@code valid.csv} and, where the test set of 2022 is there, {@code test.csv} or {@code
     * test_labels.csv}, with the columns Path, Sex, Age, Frontal/Lateral, AP/PA and the findings.
     */
    static Listing chexpert(Path root) throws PreparationException {
        List<Listing.Entry> entries = new ArrayList<>();
        int lateral = chexpert(root, root.resolve("train.csv"), Split.TRAIN, entries)
                + chexpert(root, root.resolve("valid.csv"), Split.VALIDATION, entries);
        Optional<Path> test = Stream.of("test.csv", "test_labels.csv")
                .map(root::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
        if (test.isPresent()) {
            lateral += chexpert(root, test.get(), Split.TEST, entries);
        }
        return listing(entries, lateral);
    }

    private static int chexpert(Path root, Path file, Split split, List<Listing.Entry> entries)
            throws PreparationException {
        CsvTable table = CsvTable.read(file);
        int lateral = 0;
        for (CSVRecord row : table.rows()) {
            String path = table.value(row, "Path");
            if (!table.optional(row, "Frontal/Lateral").orElse(path).contains("rontal")) {
                lateral++;
                continue;
            }
            Optional<Path> patient = Stream.iterate(Path.of(path), p -> p != null, Path::getParent)
                    .filter(p -> p.getFileName() != null
                            && p.getFileName().toString().startsWith("patient"))
                    .findFirst();
            if (patient.isEmpty()) {
                throw new PreparationException(
                        "%s: path '%s' has no folder patientNNNNN".formatted(table.place(row), path));
            }
            Map<String, String> columns = new TreeMap<>();
            table.optional(row, "Sex").ifPresent(text -> columns.put("sex", text));
            table.optional(row, "Age").flatMap(AgeBand::of).ifPresent(band -> columns.put("age", band));
            table.optional(row, "AP/PA").ifPresent(text -> columns.put("view", text));
            entries.add(new Listing.Entry(
                    path,
                    new Picture.OfFile(belowRoot(root, path)),
                    findings(table, row),
                    Optional.of(patient.get().getFileName().toString()),
                    split,
                    columns));
        }
        return lateral;
    }

    /** Paths in the tables begin with the name of the archive's folder, which may be called otherwise here. */
    private static Path belowRoot(Path root, String path) {
        Path whole = root.resolve(path);
        Path written = Path.of(path);
        return Files.exists(whole) || written.getNameCount() < 2
                ? whole
                : root.resolve(written.subpath(1, written.getNameCount()));
    }

    // ---------------------------------------------------------------- MIMIC-CXR-JPG

    static boolean isMimic(Path root) {
        return mimicTable(root, "split").isPresent() || hasFolder(root.resolve("files"), "p1\\d");
    }

    private static Optional<Path> mimicTable(Path root, String name) {
        return Stream.of("2.1.0", "2.0.0")
                .flatMap(version -> Stream.of(".csv", ".csv.gz")
                        .map(ending -> root.resolve("mimic-cxr-" + version + "-" + name + ending)))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static CsvTable requiredMimicTable(Path root, String name) throws PreparationException {
        return CsvTable.read(mimicTable(root, name)
                .orElseThrow(() -> new PreparationException(
                        "%s: has no mimic-cxr-2.0.0-%s.csv or .csv.gz".formatted(root, name))));
    }

    /** The tables split, chexpert and metadata, and {@code files/p10/p10000032/s50414267/DICOM.jpg}. */
    static Listing mimic(Path root) throws PreparationException {
        CsvTable metadata = requiredMimicTable(root, "metadata").with("ViewPosition");
        Map<String, String> views = new HashMap<>();
        for (CSVRecord row : metadata.rows()) {
            String dicom = metadata.value(row, "dicom_id");
            metadata.optional(row, "ViewPosition")
                    .filter(view -> view.equals("AP") || view.equals("PA"))
                    .ifPresent(view -> views.put(dicom, view));
        }
        CsvTable labels = requiredMimicTable(root, "chexpert");
        Map<String, List<Integer>> findings = new HashMap<>();
        for (CSVRecord row : labels.rows()) {
            findings.put(labels.value(row, "study_id"), findings(labels, row));
        }
        CsvTable splits = requiredMimicTable(root, "split");
        List<Listing.Entry> entries = new ArrayList<>();
        int lateral = 0;
        int unlabelled = 0;
        for (CSVRecord row : splits.rows()) {
            String dicom = splits.value(row, "dicom_id");
            String subject = splits.value(row, "subject_id");
            String study = splits.value(row, "study_id");
            if (!views.containsKey(dicom)) {
                lateral++;
            } else if (!findings.containsKey(study)) {
                unlabelled++;
            } else {
                Path file = root.resolve("files/p%s/p%s/s%s/%s.jpg"
                        .formatted(subject.substring(0, Math.min(2, subject.length())), subject, study, dicom));
                entries.add(new Listing.Entry(
                        dicom,
                        new Picture.OfFile(file),
                        findings.get(study),
                        Optional.of(subject),
                        Split.required(splits.place(row), splits.value(row, "split")),
                        Map.of("view", views.get(dicom))));
            }
        }
        Listing listing = listing(entries, lateral);
        return unlabelled == 0
                ? listing
                : listing.leavingOut(Stream.concat(
                                listing.leftOut().stream(), Stream.of(unlabelled + " films of studies without labels"))
                        .toList());
    }
}
