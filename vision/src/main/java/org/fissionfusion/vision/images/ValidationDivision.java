package org.fissionfusion.vision.images;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Divides a validation set: one part chooses epochs, the other selects soups. Every class for itself, a group never torn
 * apart, a function of images and seed only.
 */
public final class ValidationDivision {
    private ValidationDivision() {}

    /** The two parts, images in their old order. */
    public record Parts(LabelledImages stopping, LabelledImages selection) {}

    /**
     * @param share of the groups of every class that go to stopping
     * @throws PreparationException when a part would be empty, or there is no room for it
     */
    public static Parts divide(LabelledImages images, double share, long seed) throws PreparationException {
        Map<Integer, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < images.size(); i++) {
            int image = i;
            int group = images.groups().map(all -> all[image]).orElse(image);
            groups.computeIfAbsent(group, g -> new ArrayList<>()).add(image);
        }
        Map<Integer, List<List<Integer>>> classes = new TreeMap<>();
        groups.values()
                .forEach(group -> classes.computeIfAbsent(
                                stratum(images.labels(), group.getFirst()), c -> new ArrayList<>())
                        .add(group));
        SplittableRandom random = new SplittableRandom(seed);
        BitSet stopping = new BitSet(images.size());
        for (List<List<Integer>> ofClass : classes.values()) {
            int wanted = (int) Math.rint(share * ofClass.size());
            for (int i = 0; i < wanted; i++) {
                ofClass.remove(random.nextInt(ofClass.size())).forEach(stopping::set);
            }
        }
        BitSet selection = new BitSet(images.size());
        selection.set(0, images.size());
        selection.andNot(stopping);
        if (stopping.isEmpty() || selection.isEmpty()) {
            throw new PreparationException(
                    "a share of %s of %d groups leaves one part of validation empty".formatted(share, groups.size()));
        }
        try {
            return new Parts(images.select(stopping), images.select(selection));
        } catch (IOException e) {
            throw new PreparationException("validation cannot be divided: " + Failures.reason(e), e);
        }
    }

    /** The class of an image; of several findings the first that is present, or one more where there is none. */
    private static int stratum(Labels labels, int image) {
        return switch (labels) {
            case Labels.Classes classes -> classes.values()[image];
            case Labels.Findings findings -> {
                int finding = 0;
                while (finding < findings.classNames().size()
                        && findings.value(image, finding) != Labels.Findings.PRESENT) {
                    finding++;
                }
                yield finding;
            }
        };
    }
}
