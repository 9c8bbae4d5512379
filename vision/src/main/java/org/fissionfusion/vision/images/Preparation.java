package org.fissionfusion.vision.images;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns images as they are found into prepared sets: one file per domain and split. */
public final class Preparation {
    private Preparation() {}

    /**
     * A prepared domain.
     *
     * @param files the file of every split
     * @param leakage what the splits share; empty overlaps for out-of-domain sets
     * @param corrupt pictures that were left out
     */
    public record Prepared(
            Map<Split, Path> files, List<String> classNames, LeakageReport leakage, List<CorruptPicture> corrupt) {}

    /**
     * Writes {@code train.safetensors}, {@code validation.safetensors} and, where there is one, {@code
     * test.safetensors} into the folder.
     *
     * @throws PreparationException when a split is missing or empty, a label is out of range, too many pictures are
     *     corrupt, or splits leak and the policy is {@code error}
     */
    public static Prepared inDomain(ImageSource source, Path folder, PreparationOptions options)
            throws PreparationException {
        ListingDecoder.Decoded decoded = read(source, options);
        for (Split needed : List.of(Split.TRAIN, Split.VALIDATION)) {
            if (!decoded.splits().containsKey(needed)) {
                throw new PreparationException("%s: has no %s split, or it is empty; it has %s"
                        .formatted(source.path(), needed.wireName(), wireNames(decoded.splits())));
            }
        }
        LeakageReport.Checked checked =
                LeakageReport.check(source.path().toString(), decoded.splits(), options.leakage());
        Map<Split, Path> files = new EnumMap<>(Split.class);
        for (Map.Entry<Split, LabelledImages> entry : checked.splits().entrySet()) {
            Path file = folder.resolve(entry.getKey().wireName() + ".safetensors");
            Map<String, String> more = new TreeMap<>();
            more.put("split", entry.getKey().wireName());
            more.put("leakage", options.leakage().wireName());
            more.put("leakageFound", checked.found().toString());
            more.put(
                    "dropped",
                    Integer.toString(decoded.splits().get(entry.getKey()).size()
                            - entry.getValue().size()));
            PreparedSetWriter.write(file, entry.getValue(), origin(source, options), more);
            files.put(entry.getKey(), file);
        }
        List<String> names = checked.splits().get(Split.TRAIN).classNames();
        return new Prepared(files, names, checked.found(), decoded.corrupt());
    }

    /**
     * Writes an out-of-domain set into one file: the source's test split, or everything where it has none.
     *
     * @param classNames of the domain trained on; the set's must be the same
     */
    public static Prepared outOfDomain(
            ImageSource source, List<String> classNames, Path file, PreparationOptions options)
            throws PreparationException {
        return outOfDomain(source, classNames, Adaptation.NONE, file, options);
    }

    /** The same for a set that is adapted to the domain trained on. */
    public static Prepared outOfDomain(
            ImageSource source, List<String> classNames, Adaptation adaptation, Path file, PreparationOptions options)
            throws PreparationException {
        boolean unnamed =
                source instanceof ImageSource.Npz own && own.classNames().isEmpty();
        ImageSource named = source instanceof ImageSource.Npz npz
                        && unnamed
                        && adaptation.labels().isEmpty()
                ? new ImageSource.Npz(npz.path(), classNames)
                : source;
        ListingDecoder.Decoded decoded = read(named, options);
        LabelledImages images = decoded.splits().get(Split.TEST);
        if (images == null) {
            if (decoded.splits().isEmpty()) {
                throw new PreparationException(source.path() + ": has no images");
            }
            images = LabelledImages.concatenated(List.copyOf(decoded.splits().values()));
        }
        images = adaptation.apply(source.path().toString(), images, classNames);
        if (!images.classNames().equals(classNames)) {
            throw new PreparationException("%s: its classes %s are not those of the domain trained on, %s"
                    .formatted(source.path(), images.classNames(), classNames));
        }
        Map<String, String> more = adaptation.metadata();
        more.put("split", Split.TEST.wireName());
        PreparedSetWriter.write(file, images, origin(source, options), more);
        return new Prepared(
                Map.of(Split.TEST, file), images.classNames(), new LeakageReport(List.of()), decoded.corrupt());
    }

    /** Adapts an out-of-domain set that was prepared before. */
    public static void adapt(Path prepared, List<String> classNames, Adaptation adaptation, Path file)
            throws PreparationException {
        try (PreparedSet set = PreparedSet.open(prepared)) {
            PreparedSetWriter.write(
                    file,
                    adaptation.apply(prepared.toString(), set.images(), classNames),
                    new PreparedSetWriter.Origin(
                            set.metadata().getOrDefault("source", "unknown"),
                            set.metadata().getOrDefault("licence", "unknown")),
                    adaptation.metadata());
        }
    }

    /** Reads everything into memory, without any check across splits. */
    private static ListingDecoder.Decoded read(ImageSource source, PreparationOptions options)
            throws PreparationException {
        return switch (source) {
            case ImageSource.Npz npz ->
                new ListingDecoder.Decoded(MedMnistLayout.read(npz.path(), npz.classNames()), List.of());
            case ImageSource.ClassFolders folders ->
                ListingDecoder.decode(source.path(), FolderListing.of(folders), options);
            case ImageSource.Isic2018 isic -> ListingDecoder.decode(source.path(), TableListing.of(isic), options);
            case ImageSource.Table table -> ListingDecoder.decode(source.path(), TableListing.of(table), options);
        };
    }

    private static PreparedSetWriter.Origin origin(ImageSource source, PreparationOptions options) {
        return new PreparedSetWriter.Origin(source.path().getFileName().toString(), options.licence());
    }

    private static List<String> wireNames(Map<Split, LabelledImages> splits) {
        return splits.keySet().stream().map(Split::wireName).toList();
    }
}
