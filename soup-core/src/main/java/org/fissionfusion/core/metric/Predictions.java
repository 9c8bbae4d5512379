package org.fissionfusion.core.metric;

/**
 * What a model said about a split.
 *
 * @param images number of images N, at least 1
 * @param classes number of classes C, at least 2
 * @param probabilities N×C row-major softmax probabilities
 * @param labels N true classes, 0 to C-1
 * @param groups N group numbers (patient, lesion): images of one number are resampled together
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared, owned by the record
public record Predictions(int images, int classes, double[] probabilities, int[] labels, int[] groups) {

    /** Predictions where every image is its own group. */
    public static Predictions ungrouped(int classes, double[] probabilities, int[] labels) {
        throw new UnsupportedOperationException(classes + "");
    }

    /** Softmax, in float64, of N×C row-major logits. */
    public static Predictions ofLogits(int classes, float[] logits, int[] labels, int[] groups) {
        throw new UnsupportedOperationException(classes + "");
    }
}
