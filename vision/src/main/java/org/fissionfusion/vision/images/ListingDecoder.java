package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decodes listed pictures on all cores into mapped files; the result does not depend on how many cores there are, nor on
 * whether it was stopped and started again on the way.
 */
final class ListingDecoder {
    private static final int NAMED_AT_MOST = 5;
    private static final int CHUNK = 256;

    private final Path source;
    private final Listing listing;
    private final PreparationOptions options;
    private final PreparationListener listener;
    private final ImageShape shape;
    private final DecodingMemory memory = DecodingMemory.ofHeap();
    private final Map<String, Integer> groups = new HashMap<>();
    private int done;

    ListingDecoder(Path source, Listing listing, PreparationOptions options, PreparationListener listener) {
        this.source = source;
        this.listing = listing;
        this.options = options;
        this.listener = listener;
        int side = listing.side().orElse(options.imageSize());
        this.shape = new ImageShape(side, side, 3);
    }

    /** What could be decoded, per split, and what could not. */
    record Decoded(Map<Split, Part> parts, List<CorruptPicture> corrupt) {}

    /** @param sourceDigest SHA-256 over names and digests of the encoded pictures */
    record Part(LabelledImages images, String sourceDigest) {}

    /** What the work is: pictures by name, size and time, and how they are decoded. */
    String plan() {
        MessageDigest sha = sha256();
        sha.update("2 %s %s\n".formatted(shape, options.resize()).getBytes(StandardCharsets.UTF_8));
        for (Listing.Entry entry : listing.entries()) {
            String stamp;
            try {
                Path file = entry.picture().file();
                stamp = Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
            } catch (IOException e) {
                stamp = "missing"; // found out when it is decoded
            }
            sha.update((entry + " " + stamp + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /** What all decoded pictures take. */
    long bytes() {
        return (long) listing.entries().size() * shape.bytes();
    }

    /** What was decoded before the last stop takes. */
    long bytesDone(Scratch scratch) throws IOException {
        return picturesDone(scratch) * shape.bytes();
    }

    private static long picturesDone(Scratch scratch) throws IOException {
        long pictures = 0;
        for (Split split : Split.values()) {
            pictures += scratch.notes(split).size();
        }
        return pictures;
    }

    Decoded decode(Scratch scratch) throws IOException, PreparationException {
        int total = listing.entries().size();
        if (total == 0) {
            throw new PreparationException(source + ": has no pictures"
                    + listing.leftOut().stream()
                            .map(left -> "; not in the set: " + left)
                            .collect(Collectors.joining()));
        }
        long before = picturesDone(scratch);
        if (before > 0) {
            listener.step("going on after %d of %d pictures".formatted(before, total));
        }
        listing.entries().stream()
                .flatMap(entry -> entry.group().stream())
                .collect(Collectors.toCollection(TreeSet::new))
                .forEach(group -> groups.put(group, groups.size()));
        Map<Split, Part> parts = new EnumMap<>(Split.class);
        List<CorruptPicture> corrupt = new ArrayList<>();
        for (Split split : Split.values()) {
            List<Listing.Entry> entries = listing.entries().stream()
                    .filter(entry -> entry.split() == split)
                    .toList();
            if (!entries.isEmpty()) {
                decodeSplit(split, entries, scratch, corrupt).ifPresent(part -> parts.put(split, part));
            }
        }
        requireFewCorrupt(corrupt, total);
        return new Decoded(parts, corrupt);
    }

    private void requireFewCorrupt(List<CorruptPicture> corrupt, int total) throws PreparationException {
        if (corrupt.size() > options.worstCorruptShare() * total) {
            throw new PreparationException(
                    "%s: %d of %d pictures cannot be read, more than the share of %s that prepare --max-corrupt sets: %s%s"
                            .formatted(
                                    source,
                                    corrupt.size(),
                                    total,
                                    options.worstCorruptShare(),
                                    corrupt.stream()
                                            .limit(NAMED_AT_MOST)
                                            .map(CorruptPicture::toString)
                                            .collect(Collectors.joining("; ")),
                                    corrupt.size() > NAMED_AT_MOST ? "; …" : ""));
        }
    }

    /** A note per picture: the digest of its encoded bytes, or a blank and why it cannot be read. */
    private Optional<Part> decodeSplit(
            Split split, List<Listing.Entry> entries, Scratch scratch, List<CorruptPicture> corrupt)
            throws IOException {
        MemorySegment pixels = scratch.pixels(split, (long) entries.size() * shape.bytes());
        List<String> notes = new ArrayList<>(scratch.notes(split));
        done += notes.size();
        while (notes.size() < entries.size()) {
            int from = notes.size();
            int to = Math.min(entries.size(), from + CHUNK);
            List<String> chunk = decoded(entries, from, to, pixels);
            pixels.asSlice((long) from * shape.bytes(), (long) (to - from) * shape.bytes())
                    .force();
            scratch.note(split, chunk);
            notes.addAll(chunk);
            done += chunk.size();
            listener.decoded(done, listing.entries().size());
        }
        BitSet sound = new BitSet();
        MessageDigest digest = sha256();
        for (int i = 0; i < notes.size(); i++) {
            if (notes.get(i).startsWith(" ")) {
                corrupt.add(new CorruptPicture(
                        entries.get(i).picture().file(), notes.get(i).strip()));
            } else {
                sound.set(i);
                digest.update((entries.get(i).name() + " " + notes.get(i) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        if (sound.isEmpty()) {
            return Optional.empty();
        }
        LabelledImages all = labelled(entries, pixels);
        LabelledImages kept = sound.cardinality() == all.size() ? all : all.select(sound);
        return Optional.of(new Part(kept, HexFormat.of().formatHex(digest.digest())));
    }

    private List<String> decoded(List<Listing.Entry> entries, int from, int to, MemorySegment pixels)
            throws IOException {
        try {
            return IntStream.range(from, to)
                    .parallel()
                    .mapToObj(i -> decode(entries.get(i).picture(), pixels, i))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private String decode(Picture picture, MemorySegment pixels, int i) {
        try {
            byte[] bytes = picture.read();
            byte[] square = picture.decode(bytes, shape.width(), options.resize(), memory);
            MemorySegment.copy(square, 0, pixels, ValueLayout.JAVA_BYTE, (long) i * shape.bytes(), shape.bytes());
            return HexFormat.of().formatHex(sha256().digest(bytes));
        } catch (DecodingMemory.TooLittle e) {
            throw new UncheckedIOException(new IOException(picture.file() + ": " + e.getMessage(), e));
        } catch (IOException e) {
            return " " + Failures.reason(e).replaceAll("\\s+", " ");
        }
    }

    private LabelledImages labelled(List<Listing.Entry> entries, MemorySegment pixels) {
        Optional<int[]> numbers = listing.grouped()
                ? Optional.of(entries.stream()
                        .mapToInt(entry -> groups.get(entry.group().orElseThrow()))
                        .toArray())
                : Optional.empty();
        List<Column> columns = listing.entries().stream()
                .flatMap(entry -> entry.columns().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .map(name -> Column.of(
                        name,
                        entries.stream()
                                .map(entry -> entry.columns().getOrDefault(name, ""))
                                .toList()))
                .toList();
        return new LabelledImages(shape, pixels, labels(entries), numbers, columns);
    }

    private Labels labels(List<Listing.Entry> entries) {
        if (!listing.multilabel()) {
            return new Labels.Classes(
                    entries.stream()
                            .mapToInt(entry -> entry.target().getFirst())
                            .toArray(),
                    listing.classNames());
        }
        int width = listing.classNames().size();
        byte[] values = new byte[entries.size() * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = entries.get(i / width).target().get(i % width).byteValue();
        }
        return new Labels.Findings(values, listing.classNames());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
