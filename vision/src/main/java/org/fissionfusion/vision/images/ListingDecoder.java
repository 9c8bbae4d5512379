package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Decodes listed pictures on all cores; the result does not depend on how many there are. */
final class ListingDecoder {
    private static final int NAMED_AT_MOST = 5;

    private ListingDecoder() {}

    /** What could be decoded, per split, and what could not. */
    record Decoded(Map<Split, LabelledImages> splits, List<CorruptPicture> corrupt) {}

    static Decoded decode(Path source, Listing listing, PreparationOptions options) throws PreparationException {
        Map<String, Integer> groups = new HashMap<>();
        for (String group :
                listing.entries().stream().map(Listing.Entry::group).collect(Collectors.toCollection(TreeSet::new))) {
            groups.put(group, groups.size());
        }
        Map<Split, LabelledImages> splits = new EnumMap<>(Split.class);
        List<CorruptPicture> corrupt = new ArrayList<>();
        for (Split split : Split.values()) {
            List<Listing.Entry> entries = listing.entries().stream()
                    .filter(entry -> entry.split() == split)
                    .toList();
            if (!entries.isEmpty()) {
                LabelledImages all = decodeSplit(entries, listing, groups, options, corrupt);
                if (all.size() > 0) {
                    splits.put(split, all);
                }
            }
        }
        int total = listing.entries().size();
        if (total == 0) {
            throw new PreparationException(source + ": has no pictures");
        }
        if (corrupt.size() > options.worstCorruptShare() * total) {
            throw new PreparationException("%s: %d of %d pictures cannot be read, allowed is a share of %s: %s%s"
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
        return new Decoded(splits, corrupt);
    }

    private static LabelledImages decodeSplit(
            List<Listing.Entry> entries,
            Listing listing,
            Map<String, Integer> groups,
            PreparationOptions options,
            List<CorruptPicture> corrupt) {
        ImageShape shape = new ImageShape(options.imageSize(), options.imageSize(), 3);
        MemorySegment pixels = Arena.ofAuto().allocate((long) entries.size() * shape.bytes());
        String[] reasons = new String[entries.size()];
        IntStream.range(0, entries.size()).parallel().forEach(i -> {
            try {
                byte[] picture = PictureDecoder.decode(entries.get(i).file(), options.imageSize(), options.fit());
                MemorySegment.copy(picture, 0, pixels, ValueLayout.JAVA_BYTE, (long) i * shape.bytes(), shape.bytes());
            } catch (IOException e) {
                reasons[i] = Failures.reason(e);
            }
        });
        BitSet sound = new BitSet();
        for (int i = 0; i < reasons.length; i++) {
            if (reasons[i] == null) {
                sound.set(i);
            } else {
                corrupt.add(new CorruptPicture(entries.get(i).file(), reasons[i]));
            }
        }
        int[] labels = entries.stream().mapToInt(Listing.Entry::label).toArray();
        Optional<int[]> numbers = listing.grouped()
                ? Optional.of(entries.stream()
                        .mapToInt(entry -> groups.get(entry.group()))
                        .toArray())
                : Optional.empty();
        LabelledImages all = new LabelledImages(shape, pixels, labels, numbers, listing.classNames());
        return sound.cardinality() == all.size() ? all : all.select(sound);
    }
}
