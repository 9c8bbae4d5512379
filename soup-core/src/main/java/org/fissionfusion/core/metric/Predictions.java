package org.fissionfusion.core.metric;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model said about a split. The arrays belong to the record and are not copied: do not change them.
 *
 * @param images number of images N, at least 1
 * @param classes number of classes or findings C, at least 2
 * @param probabilities N×C row-major, softmax of classes, sigmoid of findings; NaN and infinities make all metrics
 *     undefined
 * @param labels N true classes, 0 to C-1; of findings N×C: 1 present, 0 absent, {@link #UNKNOWN}
 * @param groups N group numbers (patient, lesion): images of one number are resampled together
 * @param findings names of the C findings, of which an image may show several; empty where it is of one class
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared
public record Predictions(
        int images, int classes, double[] probabilities, int[] labels, int[] groups, List<String> findings) {
    /** The label of a finding that is masked in an image. */
    public static final int UNKNOWN = -1;

    public Predictions {
        findings = List.copyOf(findings);
        if (images < 1) {
            throw new IllegalArgumentException("images: " + images + " is less than 1");
        }
        if (classes < 2) {
            throw new IllegalArgumentException("classes: " + classes + " is less than 2");
        }
        requireLength("probabilities", probabilities.length, (long) images * classes);
        boolean several = !findings.isEmpty();
        requireLength("labels", labels.length, several ? (long) images * classes : images);
        requireLength("groups", groups.length, images);
        requireLength("findings", findings.size(), several ? classes : 0);
        int least = several ? UNKNOWN : 0;
        int most = several ? 1 : classes - 1;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < least || labels[i] > most) {
                throw new IllegalArgumentException("labels: " + labels[i] + " of image " + i / (labels.length / images)
                        + " is outside " + least + ".." + most);
            }
        }
        for (double probability : probabilities) {
            if ((probability < 0 || probability > 1) && Double.isFinite(probability)) {
                throw new IllegalArgumentException("probabilities: " + probability + " is outside 0..1");
            }
        }
    }

    /** Images of one class each. */
    public Predictions(int images, int classes, double[] probabilities, int[] labels, int[] groups) {
        this(images, classes, probabilities, labels, groups, List.of());
    }

    /** True where an image may show several findings. */
    public boolean multilabel() {
        return !findings.isEmpty();
    }

    /**
     * Sigmoid, in float64, of N×T row-major logits of findings.
     *
     * @param labels N×T: 1 present, 0 absent, {@link #UNKNOWN}
     */
    public static Predictions ofFindings(List<String> findings, float[] logits, int[] labels, int[] groups) {
        requireLength("logits", logits.length, (long) groups.length * findings.size());
        double[] probabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            double ofAbsolute = 1 / (1 + StrictMath.exp(-Math.abs((double) logits[i])));
            probabilities[i] = logits[i] < 0 ? 1 - ofAbsolute : ofAbsolute;
        }
        return new Predictions(groups.length, findings.size(), probabilities, labels, groups, findings);
    }

    /** Predictions where every image is its own group. */
    public static Predictions ungrouped(int classes, double[] probabilities, int[] labels) {
        int[] groups = IntStream.range(0, labels.length).toArray();
        return new Predictions(labels.length, classes, probabilities, labels, groups);
    }

    /** Softmax, in float64, of N×C row-major logits. */
    public static Predictions ofLogits(int classes, float[] logits, int[] labels, int[] groups) {
        requireLength("logits", logits.length, (long) labels.length * classes);
        double[] probabilities = new double[logits.length];
        for (int row = 0; row < logits.length; row += classes) {
            double max = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                max = Math.max(max, logits[row + c]);
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                probabilities[row + c] = StrictMath.exp(logits[row + c] - max);
                sum += probabilities[row + c];
            }
            for (int c = 0; c < classes; c++) {
                probabilities[row + c] /= sum;
            }
        }
        return new Predictions(labels.length, classes, probabilities, labels, groups);
    }

    /**
     * The same images judged among some of the classes only: their probabilities scaled to the sum 1, even ones where
     * they are all 0; labels become positions in {@code some}.
     *
     * @throws IllegalArgumentException when an image is of another class
     */
    public Predictions among(List<Integer> some) {
        if (multilabel()) {
            throw new IllegalArgumentException("findings: are no classes among which one could be chosen");
        }
        double[] scaled = new double[images * some.size()];
        int[] positions = new int[images];
        for (int i = 0; i < images; i++) {
            int row = i * classes;
            double sum = 0;
            for (int c : some) {
                sum += probabilities[row + c];
            }
            for (int s = 0; s < some.size(); s++) {
                double even = 1.0 / some.size();
                scaled[i * some.size() + s] = sum == 0 ? even : Math.min(1, probabilities[row + some.get(s)] / sum);
            }
            positions[i] = some.indexOf(labels[i]);
            if (positions[i] < 0) {
                throw new IllegalArgumentException(
                        "labels: image " + i + " is of class " + labels[i] + ", which is none of " + some);
            }
        }
        return new Predictions(images, some.size(), scaled, positions, groups);
    }

    /** The predicted class of an image: the most probable, the first of those that tie. */
    public int predicted(int image) {
        int best = 0;
        int row = image * classes;
        for (int c = 1; c < classes; c++) {
            if (probabilities[row + c] > probabilities[row + best]) {
                best = c;
            }
        }
        return best;
    }

    private static void requireLength(String name, long length, long wanted) {
        if (length != wanted) {
            throw new IllegalArgumentException(name + ": " + length + " values given where " + wanted + " belong");
        }
    }
}
