package org.fissionfusion.vision.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Pictures that were found, before any is decoded. */
record Listing(List<Entry> entries, List<String> classNames, boolean grouped) {

    /** One picture; {@code group} is unique to it where it belongs to nothing. */
    record Entry(Path file, int label, String group, Split split) {}

    /**
     * Splits 80/10/10: every class for itself, a group never torn apart. A function of seed and names only. Every class
     * of three or more groups gets at least one into validation and test.
     */
    static List<Entry> divide(List<Entry> entries, long seed) {
        Map<String, List<Entry>> groups = new TreeMap<>();
        entries.forEach(
                e -> groups.computeIfAbsent(e.group(), g -> new ArrayList<>()).add(e));
        Map<Integer, List<List<Entry>>> classes = new TreeMap<>();
        groups.values()
                .forEach(group -> classes.computeIfAbsent(group.getFirst().label(), c -> new ArrayList<>())
                        .add(group));
        List<Entry> divided = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (List<List<Entry>> groupsOfClass : classes.values()) {
            for (int i = groupsOfClass.size() - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                List<Entry> kept = groupsOfClass.get(i);
                groupsOfClass.set(i, groupsOfClass.get(j));
                groupsOfClass.set(j, kept);
            }
            int n = groupsOfClass.size();
            int tenth = n < 3 ? 0 : Math.max(1, (int) Math.rint(n / 10.0));
            for (int i = 0; i < n; i++) {
                Split split = i < tenth ? Split.TEST : i < 2 * tenth ? Split.VALIDATION : Split.TRAIN;
                for (Entry e : groupsOfClass.get(i)) {
                    divided.add(new Entry(e.file(), e.label(), e.group(), split));
                }
            }
        }
        divided.sort(
                Comparator.comparing(Entry::split).thenComparing(e -> e.file().toString()));
        return divided;
    }
}
