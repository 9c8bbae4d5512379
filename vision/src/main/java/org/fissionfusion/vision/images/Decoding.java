package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.fissionfusion.core.weights.FileDigest;

/** The decoded splits of a source, as long as this is open, without any check across them. */
final class Decoding implements AutoCloseable {
    private final Map<Split, LabelledImages> splits = new EnumMap<>(Split.class);
    private final Map<Split, String> digests = new EnumMap<>(Split.class);
    private final Map<String, String> facts = new TreeMap<>();
    private List<CorruptPicture> corrupt = List.of();
    private List<String> excluded = List.of();
    private Optional<Scratch> scratch = Optional.empty();

    private Decoding() {}

    /** Asked before the pictures are decoded, which may take hours. */
    @FunctionalInterface
    interface ClassCheck {
        void require(List<String> classNames, boolean multilabel) throws PreparationException;
    }

    /** A whole domain; splits that the source does not have are drawn. */
    static Decoding ofDomain(
            ImageSource source, Targets targets, PreparationOptions options, PreparationListener listener)
            throws IOException, PreparationException {
        if (source instanceof ImageSource.Npz npz) {
            return read(npz, targets, listener);
        }
        boolean drawn = source.drawsSplits();
        Listing listing = drawn ? divided(source, list(source)) : list(source);
        requireTrainable(source.path(), listing);
        Decoding decoding = new Decoding();
        decoding.decode(new ListingDecoder(source.path(), listing, options, listener), listing, targets, options);
        if (drawn) {
            decoding.facts.put("seed", Long.toString(seed(source)));
        }
        return decoding;
    }

    /** The source's own test split, or everything where it has none. */
    static Decoding ofTest(
            ImageSource source,
            ClassCheck check,
            Targets targets,
            PreparationOptions options,
            PreparationListener listener)
            throws IOException, PreparationException {
        if (source instanceof ImageSource.Npz npz) {
            Decoding read = read(npz, targets, listener);
            Labels labels = read.splits.values().iterator().next().labels();
            check.require(labels.classNames(), labels instanceof Labels.Findings);
            return read;
        }
        Listing found = list(source);
        check.require(found.classNames(), found.multilabel());
        List<Listing.Entry> testing = found.entries().stream()
                .filter(entry -> entry.split() == Split.TEST)
                .toList();
        Listing listing = testing.isEmpty() ? found : found.withEntries(testing);
        Decoding decoding = new Decoding();
        decoding.decode(new ListingDecoder(source.path(), listing, options, listener), listing, targets, options);
        return decoding;
    }

    private static Decoding read(ImageSource.Npz npz, Targets targets, PreparationListener listener)
            throws IOException, PreparationException {
        listener.step("reading " + npz.path());
        Decoding decoding = new Decoding();
        decoding.splits.putAll(MedMnistLayout.read(npz.path(), npz.classNames()));
        String digest = FileDigest.sha256(npz.path());
        targets.removeLeftovers();
        decoding.splits.keySet().forEach(split -> decoding.digests.put(split, digest));
        return decoding;
    }

    private static Listing list(ImageSource source) throws PreparationException {
        return switch (source) {
            case ImageSource.Npz npz -> throw new IllegalArgumentException(npz + " is not a listing of pictures");
            case ImageSource.ClassFolders folders -> FolderListing.of(folders.path());
            case ImageSource.Table table -> TableListing.of(table);
            case ImageSource.Official official -> {
                Listing found = official.layout().list(official.path());
                yield official.splitTable().isPresent()
                        ? SplitTable.apply(found, official.splitTable().get())
                        : found;
            }
        };
    }

    private static Listing divided(ImageSource source, Listing listing) {
        boolean lacksValidation = source instanceof ImageSource.Official official
                && official.layout().division() == Layout.Division.VALIDATION_TENTH;
        return listing.withEntries(
                lacksValidation
                        ? Listing.holdOutValidation(listing.entries(), seed(source))
                        : Listing.divide(listing.entries(), seed(source)));
    }

    private static long seed(ImageSource source) {
        return switch (source) {
            case ImageSource.Npz npz -> throw new IllegalArgumentException(npz + " has its splits");
            case ImageSource.ClassFolders folders -> folders.seed();
            case ImageSource.Table table -> table.seed();
            case ImageSource.Official official -> official.seed();
        };
    }

    /** What can be said before the pictures are decoded, which may take hours. */
    private static void requireTrainable(Path source, Listing listing) throws PreparationException {
        if (!listing.multilabel() && listing.classNames().size() == 1) {
            throw new PreparationException(
                    "%s: has only one class, '%s'; two are needed (where a table has the labels: prepare --table)"
                            .formatted(source, listing.classNames().getFirst()));
        }
        Set<Split> there = EnumSet.noneOf(Split.class);
        listing.entries().forEach(entry -> there.add(entry.split()));
        if (!there.isEmpty()) {
            Preparation.requireTrainAndValidation(source, there);
        }
    }

    private void decode(ListingDecoder decoder, Listing listing, Targets targets, PreparationOptions options)
            throws IOException, PreparationException {
        scratch = Optional.of(Scratch.open(targets.scratch(), decoder.plan()));
        try {
            targets.removeLeftovers();
            PixelMemory.requireRoom(
                    targets.scratch(),
                    targets.roomNeeded(decoder.bytes(), decoder.bytesDone(scratch.get())),
                    "decoded pictures are kept twice for a while");
            ListingDecoder.Decoded decoded = decoder.decode(scratch.get());
            decoded.parts().forEach((split, part) -> {
                splits.put(split, part.images());
                digests.put(split, part.sourceDigest());
            });
            corrupt = decoded.corrupt();
            excluded = listing.leftOut();
            if (listing.side().isPresent()) {
                facts.put("resize", "none");
            } else {
                facts.put("resize", options.resize().fit().wireName());
                facts.put("filter", options.resize().filter().wireName());
            }
            facts.put("corrupt", Integer.toString(corrupt.size()));
            facts.put("pictures", Integer.toString(listing.entries().size()));
        } catch (IOException | PreparationException | RuntimeException e) {
            close();
            throw e;
        }
    }

    Map<Split, LabelledImages> splits() {
        return splits;
    }

    List<CorruptPicture> corrupt() {
        return corrupt;
    }

    List<String> excluded() {
        return excluded;
    }

    /** What the prepared file of a split tells about its making. */
    Map<String, String> facts(Split split) {
        Map<String, String> all = new TreeMap<>(facts);
        all.put("split", split.wireName());
        all.put("sourceDigest", digests.get(split));
        return all;
    }

    /** All prepared sets are written: the decoded pictures can go. */
    void finished() throws IOException {
        if (scratch.isPresent()) {
            scratch.get().delete();
        }
    }

    @Override
    public void close() {
        scratch.ifPresent(Scratch::close);
    }
}
