package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
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

    /**
     * @param divided splits what the source itself does not; otherwise only its test split counts, if it has one
     */
    static Decoding of(
            ImageSource source,
            Targets targets,
            boolean divided,
            PreparationOptions options,
            PreparationListener listener)
            throws IOException, PreparationException {
        Decoding decoding = new Decoding();
        if (source instanceof ImageSource.Npz npz) {
            listener.step("reading " + npz.path());
            decoding.splits.putAll(MedMnistLayout.read(npz.path(), npz.classNames()));
            String digest = FileDigest.sha256(npz.path());
            targets.removeLeftovers();
            decoding.splits.keySet().forEach(split -> decoding.digests.put(split, digest));
            return decoding;
        }
        Listing listing = listing(source, divided);
        if (divided) {
            requireTrainable(source.path(), listing);
        }
        ListingDecoder decoder = new ListingDecoder(source.path(), listing, options, listener);
        decoding.decode(decoder, listing, targets, options);
        if (divided) {
            decoding.facts.put("seed", Long.toString(seed(source)));
        }
        return decoding;
    }

    /** Draws the splits that the source does not have. */
    private static long seed(ImageSource source) {
        return switch (source) {
            case ImageSource.Npz npz -> throw new IllegalArgumentException(npz + " has its splits");
            case ImageSource.ClassFolders folders -> folders.seed();
            case ImageSource.Table table -> table.seed();
            case ImageSource.Official official -> official.seed();
        };
    }

    private static Listing listing(ImageSource source, boolean divided) throws PreparationException {
        Listing found = switch (source) {
            case ImageSource.Npz npz -> throw new IllegalArgumentException(npz + " is not a listing of pictures");
            case ImageSource.ClassFolders folders -> FolderListing.of(folders, divided);
            case ImageSource.Table table -> TableListing.of(table, divided);
            case ImageSource.Official official -> official(official, divided);
        };
        List<Listing.Entry> testing = found.entries().stream()
                .filter(entry -> entry.split() == Split.TEST)
                .toList();
        return divided || testing.isEmpty() ? found : found.withEntries(testing);
    }

    private static Listing official(ImageSource.Official source, boolean divided) throws PreparationException {
        Listing found = source.layout().list(source.path());
        if (source.splitTable().isPresent()) {
            return SplitTable.apply(found, source.splitTable().get());
        }
        if (!divided) {
            return found;
        }
        return switch (source.layout().division()) {
            case OFFICIAL, TEST_ONLY -> found;
            case TENTHS -> found.withEntries(Listing.divide(found.entries(), source.seed()));
            case VALIDATION_TENTH -> found.withEntries(Listing.holdOutValidation(found.entries(), source.seed()));
        };
    }

    /** What can be said before the pictures are decoded, which may take hours. */
    private static void requireTrainable(Path source, Listing listing) throws PreparationException {
        if (!listing.multilabel() && listing.classNames().size() == 1) {
            throw new PreparationException("%s: has only one class, '%s'; two are needed (is there a --table?)"
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
            requireRoom(targets, targets.roomNeeded(decoder.bytes(), decoder.bytesDone(scratch.get())));
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

    /** A full disk under a mapped file ends the process, so it is looked for before. */
    private static void requireRoom(Targets targets, long bytes) throws IOException, PreparationException {
        long free = Files.getFileStore(targets.scratch()).getUsableSpace();
        if (free >= 0 && free < bytes) {
            throw new PreparationException(
                    "%s: the disk has %d MiB free, %d MiB are needed (decoded pictures are kept twice for a while)"
                            .formatted(targets.scratch().getParent(), free >> 20, bytes >> 20));
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
