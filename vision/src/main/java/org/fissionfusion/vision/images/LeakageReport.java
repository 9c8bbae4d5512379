package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which splits share pictures or groups (patients, lesions). Empty overlaps mean: none found. */
public record LeakageReport(List<Overlap> overlaps) {
    public LeakageReport {
        overlaps = List.copyOf(overlaps);
    }

    /**
     * What an earlier and a later split share.
     *
     * @param equalPictures different pictures that are in both, pixel by pixel
     * @param sharedGroups groups that have images in both
     * @param images images of the earlier split affected by either
     */
    public record Overlap(Split earlier, Split later, int equalPictures, int sharedGroups, int images) {
        @Override
        public String toString() {
            return "%s and %s share %d equal pictures and %d groups (%d %s images)"
                    .formatted(
                            earlier.wireName(),
                            later.wireName(),
                            equalPictures,
                            sharedGroups,
                            images,
                            earlier.wireName());
        }
    }

    /** The splits after a policy was applied to them, and what was found before. */
    public record Checked(Map<Split, LabelledImages> splits, LeakageReport found) {}

    public boolean clean() {
        return overlaps.isEmpty();
    }

    @Override
    public String toString() {
        return clean()
                ? "no leakage between splits found"
                : overlaps.stream().map(Overlap::toString).collect(Collectors.joining("; "));
    }

    /** Looks at every pair of splits of one domain. */
    public static LeakageReport of(Map<Split, LabelledImages> splits) {
        List<Overlap> overlaps = new ArrayList<>();
        affected(splits, overlaps);
        return new LeakageReport(overlaps);
    }

    /** Looks, and does what the policy says; {@code name} is the domain's name or file in the message. */
    public static Checked check(String name, Map<Split, LabelledImages> splits, LeakagePolicy policy)
            throws PreparationException {
        List<Overlap> overlaps = new ArrayList<>();
        Map<Split, BitSet> affected = affected(splits, overlaps);
        LeakageReport report = new LeakageReport(overlaps);
        if (report.clean() || policy == LeakagePolicy.ALLOW) {
            return new Checked(splits, report);
        }
        if (policy == LeakagePolicy.ERROR) {
            throw new PreparationException(
                    "%s: %s; drop leaves them out and allow goes on (a request's data.leakage, prepare --leakage)"
                            .formatted(name, report));
        }
        Map<Split, LabelledImages> kept = new EnumMap<>(splits);
        for (Map.Entry<Split, BitSet> entry : affected.entrySet()) {
            LabelledImages images = splits.get(entry.getKey());
            BitSet keep = new BitSet(images.size());
            keep.set(0, images.size());
            keep.andNot(entry.getValue());
            if (keep.isEmpty()) {
                throw new PreparationException("%s: nothing is left of %s after leakage: drop"
                        .formatted(name, entry.getKey().wireName()));
            }
            try {
                kept.put(entry.getKey(), images.select(keep));
            } catch (IOException e) {
                throw new PreparationException(name + ": " + Failures.reason(e), e);
            }
        }
        return new Checked(kept, report);
    }

    private static Map<Split, BitSet> affected(Map<Split, LabelledImages> splits, List<Overlap> overlaps) {
        Map<Split, List<ByteBuffer>> digests = new EnumMap<>(Split.class);
        splits.forEach((split, images) -> digests.put(split, digests(images)));
        Map<Split, BitSet> affected = new EnumMap<>(Split.class);
        for (Split earlier : splits.keySet()) {
            for (Split later : splits.keySet()) {
                if (earlier.compareTo(later) < 0) {
                    Set<ByteBuffer> pictures = new HashSet<>(digests.get(later));
                    BitSet equal = new BitSet();
                    Set<ByteBuffer> shared = new HashSet<>();
                    for (int i = 0; i < digests.get(earlier).size(); i++) {
                        ByteBuffer picture = digests.get(earlier).get(i);
                        if (pictures.contains(picture)) {
                            equal.set(i);
                            shared.add(picture);
                        }
                    }
                    int pairs = shared.size();
                    int groups = markSharedGroups(splits.get(earlier), splits.get(later), equal);
                    if (!equal.isEmpty()) {
                        overlaps.add(new Overlap(earlier, later, pairs, groups, equal.cardinality()));
                        affected.computeIfAbsent(earlier, s -> new BitSet()).or(equal);
                    }
                }
            }
        }
        return affected;
    }

    private static int markSharedGroups(LabelledImages earlier, LabelledImages later, BitSet marked) {
        if (earlier.groups().isEmpty() || later.groups().isEmpty()) {
            return 0;
        }
        Set<Integer> theirs = new HashSet<>();
        for (int group : later.groups().get()) {
            theirs.add(group);
        }
        Set<Integer> shared = new HashSet<>();
        int[] groups = earlier.groups().get();
        for (int i = 0; i < groups.length; i++) {
            if (theirs.contains(groups[i])) {
                shared.add(groups[i]);
                marked.set(i);
            }
        }
        return shared.size();
    }

    private static List<ByteBuffer> digests(LabelledImages images) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            List<ByteBuffer> digests = new ArrayList<>(images.size());
            byte[] shape = images.shape().toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            for (int i = 0; i < images.size(); i++) {
                sha.update(shape);
                sha.update(images.image(i).toArray(ValueLayout.JAVA_BYTE));
                digests.add(ByteBuffer.wrap(sha.digest()));
            }
            return digests;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
