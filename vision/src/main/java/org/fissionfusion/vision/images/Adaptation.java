package org.fissionfusion.vision.images;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * How an out-of-domain set is made comparable with the domain trained on.
 *
 * @param labels its classes to those trained on, or to {@code ignore}: their images are left out; empty when the classes
 *     are the same
 * @param sample share of the images that is kept, above 0, at most 1
 * @param seed which images those are
 */
public record Adaptation(Map<String, String> labels, double sample, long seed) {
    /** Everything as it is. */
    public static final Adaptation NONE = new Adaptation(Map.of(), 1, 0);

    private static final String IGNORE = "ignore";

    public Adaptation {
        labels = Map.copyOf(labels);
        if (!(sample > 0 && sample <= 1)) {
            throw new IllegalArgumentException("sample: " + sample + "; allowed is a share above 0, at most 1");
        }
    }

    /** True when the images are all kept and called the same. */
    public boolean changesNothing() {
        return labels.isEmpty() && sample == 1;
    }

    /**
     * Refuses a set whose classes are not those trained on and cannot be brought under them.
     *
     * @param own its classes or findings
     */
    void require(String name, List<String> own, boolean multilabel, List<String> classNames)
            throws PreparationException {
        if (labels.isEmpty()) {
            if (!own.equals(classNames)) {
                throw new PreparationException(
                        "%s: its classes %s are not those of the domain trained on, %s; prepare --test-only keeps them, for a request whose labels rename them"
                                .formatted(name, own, classNames));
            }
            return;
        }
        for (Map.Entry<String, String> label : labels.entrySet()) {
            if (!own.contains(label.getKey())) {
                throw new PreparationException(
                        "%s: labels: it has no class '%s'; its classes are %s".formatted(name, label.getKey(), own));
            }
            if (!label.getValue().equals(IGNORE) && !classNames.contains(label.getValue())) {
                throw new PreparationException(
                        "%s: labels: '%s' is no class of the domain trained on; allowed are %s and ignore"
                                .formatted(name, label.getValue(), classNames));
            }
        }
        if (multilabel) {
            throw new PreparationException(
                    name + ": labels: renames classes, but this set has several findings per image");
        }
        for (String unspoken : own) {
            if (!labels.containsKey(unspoken)) {
                throw new PreparationException("%s: labels: says nothing of its class '%s'; its classes are %s"
                        .formatted(name, unspoken, own));
            }
        }
    }

    /**
     * The images under the names of the domain trained on, sampled after the classes without counterpart are gone.
     *
     * @param name of the set, for messages
     */
    public LabelledImages apply(String name, LabelledImages images, List<String> classNames)
            throws PreparationException {
        require(name, images.classNames(), images.labels() instanceof Labels.Findings, classNames);
        try {
            LabelledImages renamed = images.labels() instanceof Labels.Classes classes && !labels.isEmpty()
                    ? renamed(name, images, classes, classNames)
                    : images;
            return sample == 1 ? renamed : renamed.select(chosen(renamed.size()));
        } catch (IOException e) {
            throw new PreparationException(name + ": " + Failures.reason(e), e);
        }
    }

    /** Labels of {@code classNames} that the set can have; empty when it can have all of them, or only one. */
    public List<Integer> sharedClasses(List<String> classNames) {
        List<Integer> shared = new ArrayList<>();
        for (int c = 0; c < classNames.size(); c++) {
            if (labels.containsValue(classNames.get(c))) {
                shared.add(c);
            }
        }
        return shared.size() < 2 || shared.size() == classNames.size() ? List.of() : shared;
    }

    /** What a prepared file says of it. */
    Map<String, String> metadata() {
        Map<String, String> metadata = new TreeMap<>();
        if (!labels.isEmpty()) {
            metadata.put("labels", new TreeMap<>(labels).toString());
        }
        if (sample < 1) {
            metadata.put("sample", sample + ", seed " + seed);
        }
        return metadata;
    }

    private LabelledImages renamed(String name, LabelledImages images, Labels.Classes classes, List<String> classNames)
            throws IOException, PreparationException {
        int[] targets = classes.classNames().stream()
                .mapToInt(own -> classNames.indexOf(labels.get(own)))
                .toArray();
        BitSet kept = new BitSet();
        for (int i = 0; i < images.size(); i++) {
            kept.set(i, targets[classes.values()[i]] >= 0);
        }
        if (kept.isEmpty()) {
            throw new PreparationException(name + ": labels: no image is left of " + images.size());
        }
        LabelledImages left = images.select(kept);
        int[] labelsLeft = kept.stream().map(i -> targets[classes.values()[i]]).toArray();
        return new LabelledImages(
                left.shape(), left.pixels(), new Labels.Classes(labelsLeft, classNames), left.groups(), left.columns());
    }

    private BitSet chosen(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        SplittableRandom random = new SplittableRandom(seed);
        int wanted = Math.max(1, (int) Math.rint(size * sample));
        BitSet chosen = new BitSet(size);
        for (int i = 0; i < wanted; i++) {
            int other = i + random.nextInt(size - i);
            chosen.set(order[other]);
            order[other] = order[i];
        }
        return chosen;
    }
}
