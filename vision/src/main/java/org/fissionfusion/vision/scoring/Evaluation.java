package org.fissionfusion.vision.scoring;

import java.lang.foreign.Arena;
import java.util.Optional;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.TorchEngine;

/**
 * Logits of all images of a split.
 *
 * @param logits images x classes, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared
public record Evaluation(int classes, float[] logits, int[] labels) {

    /** Logits of all images, images x classes, on the calling thread. */
    public static float[] logits(Network network, EvaluationImages images) {
        float[] logits = new float[images.size() * network.classes()];
        try (EvaluationImages.Pass pass = images.pass()) {
            fill(network, images, pass, logits);
        }
        return logits;
    }

    /** Takes parts of a pass until none is left. */
    static void fill(Network network, EvaluationImages images, EvaluationImages.Pass pass, float[] logits) {
        TorchEngine.enter(false);
        while (true) {
            try (Arena arena = Arena.ofConfined()) {
                Optional<EvaluationImages.Part> part = pass.take(arena);
                if (part.isEmpty()) {
                    return;
                }
                EvaluationImages.Part taken = part.get();
                float[] some = network.logits(taken.pixels(), taken.images(), images.imageSize());
                System.arraycopy(some, 0, logits, taken.first() * network.classes(), some.length);
            }
        }
    }

    /** Mean cross-entropy per image, in float64. */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum += logSumExp(i) - logits[i * classes + labels[i]];
        }
        return sum / labels.length;
    }

    private double logSumExp(int image) {
        double top = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            top = Math.max(top, logits[image * classes + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += StrictMath.exp(logits[image * classes + c] - top);
        }
        return top + StrictMath.log(sum);
    }

    /** Part of the images whose largest logit is the right one. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = logits[i * classes + c] > logits[i * classes + best] ? c : best;
            }
            right += best == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }
}
