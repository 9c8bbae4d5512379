package org.fissionfusion.vision.images;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Pictures that were found, before any is decoded.
 *
 * @param classNames classes, or findings when the entries' targets are one value per finding
 * @param side of the pictures when all are squares that keep their size; empty: they are resized
 * @param leftOut pictures the source itself excludes, as text for the user
 */
record Listing(
        List<Entry> entries,
        List<String> classNames,
        boolean multilabel,
        Optional<Integer> side,
        List<String> leftOut) {
    Listing {
        entries = List.copyOf(entries);
        classNames = List.copyOf(classNames);
        leftOut = List.copyOf(leftOut);
    }

    /** Pictures of one class each, to be resized. */
    static Listing of(List<Entry> entries, List<String> classNames) {
        return new Listing(entries, classNames, false, Optional.empty(), List.of());
    }

    /** What belongs together is known when it is known of every picture. */
    boolean grouped() {
        return entries.stream().allMatch(entry -> entry.group().isPresent());
    }

    Listing withEntries(List<Entry> others) {
        return new Listing(others, classNames, multilabel, side, leftOut);
    }

    Listing leavingOut(List<String> pictures) {
        return new Listing(entries, classNames, multilabel, side, pictures);
    }

    /**
     * One picture.
     *
     * @param name as the source calls it; what a split table refers to
     * @param target its class, or one value per finding
     * @param group the patient or lesion it belongs to
     * @param columns sex, view and so on, by name
     */
    record Entry(
            String name,
            Picture picture,
            List<Integer> target,
            Optional<String> group,
            Split split,
            Map<String, String> columns) {
        Entry {
            target = List.copyOf(target);
            columns = Collections.unmodifiableMap(new TreeMap<>(columns)); // in one order: plans are compared as text
        }

        /** A training picture that belongs to nothing. */
        static Entry of(String name, Picture picture, int label) {
            return new Entry(name, picture, List.of(label), Optional.empty(), Split.TRAIN, Map.of());
        }

        Entry in(Split other) {
            return new Entry(name, picture, target, group, other, columns);
        }

        Entry ofGroup(String patient) {
            return new Entry(name, picture, target, Optional.of(patient), split, columns);
        }

        Entry with(Map<String, String> known) {
            return new Entry(name, picture, target, group, split, known);
        }
    }

    /**
     * Splits 80/10/10: every class for itself, a group never torn apart. A function of seed and names only. Every class
     * of three or more groups gets at least one into validation and test.
     */
    static List<Entry> divide(List<Entry> entries, long seed) {
        return divide(entries, seed, List.of(Split.TEST, Split.VALIDATION));
    }

    /** Makes a tenth of the training pictures, chosen in the same way, the validation split; the others stay. */
    static List<Entry> holdOutValidation(List<Entry> entries, long seed) {
        Map<Boolean, List<Entry>> training =
                entries.stream().collect(Collectors.partitioningBy(entry -> entry.split() == Split.TRAIN));
        List<Entry> all = new ArrayList<>(divide(training.get(true), seed, List.of(Split.VALIDATION)));
        all.addAll(training.get(false));
        return all;
    }

    private static List<Entry> divide(List<Entry> entries, long seed, List<Split> tenths) {
        Map<String, List<Entry>> groups = new TreeMap<>();
        entries.forEach(e -> groups.computeIfAbsent(e.group().orElse(e.name()), g -> new ArrayList<>())
                .add(e));
        // pictures of several findings are one stratum
        Map<Integer, List<List<Entry>>> strata = new TreeMap<>();
        groups.values().forEach(group -> {
            List<Integer> target = group.getFirst().target();
            strata.computeIfAbsent(target.size() == 1 ? target.getFirst() : 0, c -> new ArrayList<>())
                    .add(group);
        });
        List<Entry> divided = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (List<List<Entry>> stratum : strata.values()) {
            for (int i = stratum.size() - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                List<Entry> kept = stratum.get(i);
                stratum.set(i, stratum.get(j));
                stratum.set(j, kept);
            }
            int n = stratum.size();
            int tenth = n < 3 ? 0 : Math.max(1, (int) Math.rint(n / 10.0));
            for (int i = 0; i < n; i++) {
                Split split = tenth > 0 && i / tenth < tenths.size() ? tenths.get(i / tenth) : Split.TRAIN;
                stratum.get(i).forEach(entry -> divided.add(entry.in(split)));
            }
        }
        divided.sort(Comparator.comparing(Entry::split).thenComparing(Entry::name));
        return divided;
    }
}
