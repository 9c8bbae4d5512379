package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Turns images as they are found into prepared sets: one file per domain and split, each written whole or not at all.
 * Pictures wait decoded in a hidden folder beside the files, so that a preparation that was stopped goes on; for a while
 * they take twice their room.
 */
public final class Preparation {
    private static final String SUFFIX = ".safetensors";

    private Preparation() {}

    /**
     * A prepared domain.
     *
     * @param files the file of every split
     * @param leakage what the splits share; empty overlaps for out-of-domain sets
     * @param corrupt pictures that were left out
     * @param excluded pictures that the source itself excludes, in words
     */
    public record Prepared(
            Map<Split, Path> files,
            List<String> classNames,
            LeakageReport leakage,
            List<CorruptPicture> corrupt,
            List<String> excluded) {}

    /** Without a listener. */
    public static Prepared inDomain(ImageSource source, Path folder, PreparationOptions options)
            throws PreparationException {
        return inDomain(source, folder, options, PreparationListener.NOBODY);
    }

    /**
     * Writes {@code train.safetensors}, {@code validation.safetensors} and, where there is one, {@code
     * test.safetensors} into the folder.
     *
     * @throws PreparationException when a split is missing or empty, a label is out of range, too many pictures are
     *     corrupt, or splits leak and the policy is {@code error}
     */
    public static Prepared inDomain(
            ImageSource source, Path folder, PreparationOptions options, PreparationListener listener)
            throws PreparationException {
        Map<Split, Path> files = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            files.put(split, folder.resolve(split.wireName() + SUFFIX));
        }
        Targets targets = new Targets(folder.resolve(".preparing"), List.copyOf(files.values()));
        try (Decoding decoding = Decoding.ofDomain(source, targets, options, listener)) {
            Map<Split, LabelledImages> splits = decoding.splits();
            requireTrainAndValidation(source.path(), splits.keySet());
            files.keySet().retainAll(splits.keySet());
            listener.step("looking for what the splits share");
            LeakageReport.Checked checked = LeakageReport.check(source.path().toString(), splits, options.leakage());
            targets.clear();
            for (Map.Entry<Split, Path> file : files.entrySet()) {
                Split split = file.getKey();
                LabelledImages images = checked.splits().get(split);
                Map<String, String> more = decoding.facts(split);
                more.put("leakage", options.leakage().wireName());
                more.put("leakageFound", checked.found().toString());
                more.put("dropped", Integer.toString(splits.get(split).size() - images.size()));
                listener.step("writing " + file.getValue());
                PreparedSetWriter.write(file.getValue(), images, origin(source, options), more);
            }
            decoding.finished();
            List<String> names = checked.splits().get(Split.TRAIN).classNames();
            return new Prepared(files, names, checked.found(), decoding.corrupt(), decoding.excluded());
        } catch (IOException e) {
            throw new PreparationException(folder + ": cannot be prepared: " + Failures.reason(e), e);
        }
    }

    static void requireTrainAndValidation(Path source, Set<Split> there) throws PreparationException {
        for (Split needed : List.of(Split.TRAIN, Split.VALIDATION)) {
            if (!there.contains(needed)) {
                throw new PreparationException(
                        "%s: has no pictures in its %s split, which training needs; it has %s (prepare --test-only makes a set for testing)"
                                .formatted(
                                        source,
                                        needed.wireName(),
                                        there.stream().map(Split::wireName).collect(Collectors.joining(", "))));
            }
        }
    }

    /** Without a listener. */
    public static Prepared outOfDomain(
            ImageSource source, List<String> classNames, Path file, PreparationOptions options)
            throws PreparationException {
        return outOfDomain(source, classNames, file, options, PreparationListener.NOBODY);
    }

    /**
     * Writes an out-of-domain set into one file: the source's own test split, or everything where it has none.
     *
     * @param classNames of the domain trained on; the set's must be the same
     */
    public static Prepared outOfDomain(
            ImageSource source,
            List<String> classNames,
            Path file,
            PreparationOptions options,
            PreparationListener listener)
            throws PreparationException {
        return outOfDomain(source, classNames, Adaptation.NONE, file, options, listener);
    }

    /** The same for a set that is adapted to the domain trained on. */
    public static Prepared outOfDomain(
            ImageSource source,
            List<String> classNames,
            Adaptation adaptation,
            Path file,
            PreparationOptions options,
            PreparationListener listener)
            throws PreparationException {
        boolean unnamed =
                source instanceof ImageSource.Npz own && own.classNames().isEmpty();
        ImageSource named = source instanceof ImageSource.Npz npz
                        && unnamed
                        && adaptation.labels().isEmpty()
                ? new ImageSource.Npz(npz.path(), classNames)
                : source;
        return testing(named, Optional.of(new Domain(classNames, adaptation)), file, options, listener);
    }

    /** Writes the source's own test split, or everything where it has none, with its own classes into one file. */
    public static Prepared testOnly(
            ImageSource source, Path file, PreparationOptions options, PreparationListener listener)
            throws PreparationException {
        return testing(source, Optional.empty(), file, options, listener);
    }

    /** The domain trained on, and how another set is brought under its classes. */
    private record Domain(List<String> classNames, Adaptation adaptation) {}

    private static Prepared testing(
            ImageSource source,
            Optional<Domain> domain,
            Path file,
            PreparationOptions options,
            PreparationListener listener)
            throws PreparationException {
        Path scratch = file.toAbsolutePath().resolveSibling("." + file.getFileName() + ".preparing");
        Targets targets = new Targets(scratch, List.of(file));
        String name = source.path().toString();
        Decoding.ClassCheck check = (own, multilabel) -> {
            if (domain.isPresent()) {
                domain.get()
                        .adaptation()
                        .require(name, own, multilabel, domain.get().classNames());
            }
        };
        try (Decoding decoding = Decoding.ofTest(source, check, targets, options, listener)) {
            Map<Split, LabelledImages> splits = decoding.splits();
            if (splits.isEmpty()) {
                throw new PreparationException(name + ": has no images");
            }
            Split only = splits.containsKey(Split.TEST)
                    ? Split.TEST
                    : splits.keySet().iterator().next();
            Map<String, String> more = decoding.facts(only);
            more.put("split", Split.TEST.wireName());
            LabelledImages images = splits.containsKey(Split.TEST)
                    ? splits.get(Split.TEST)
                    : LabelledImages.concatenated(List.copyOf(splits.values()));
            if (domain.isPresent()) {
                images = domain.get()
                        .adaptation()
                        .apply(name, images, domain.get().classNames());
                more.putAll(domain.get().adaptation().metadata());
            }
            targets.clear();
            listener.step("writing " + file);
            PreparedSetWriter.write(file, images, origin(source, options), more);
            decoding.finished();
            return new Prepared(
                    Map.of(Split.TEST, file),
                    images.classNames(),
                    new LeakageReport(List.of()),
                    decoding.corrupt(),
                    decoding.excluded());
        } catch (IOException e) {
            throw new PreparationException(file + ": cannot be prepared: " + Failures.reason(e), e);
        }
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

    private static PreparedSetWriter.Origin origin(ImageSource source, PreparationOptions options) {
        boolean hinted = source instanceof ImageSource.Official
                && options.licence().equals(PreparationOptions.DEFAULT.licence());
        String licence = hinted ? ((ImageSource.Official) source).layout().licence() : options.licence();
        return new PreparedSetWriter.Origin(source.path().getFileName().toString(), licence);
    }
}
