package org.fissionfusion.vision.training;

import java.util.Arrays;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;

/**
 * The loss of findings (method.md section 3): the sum over findings t of w_t times the mean binary cross-entropy over
 * the images of the batch in which t is known, with w_t = (max n - n_t + mean n) / max of that, n_t the training images
 * that show t. Rare findings weigh most, the rarest 1.
 *
 * @param decided N x T of one set: 1, 0 or {@link Predictions#UNKNOWN}
 * @param weights w_t
 */
@SuppressWarnings("ArrayRecordComponent") // held once, never compared
record FindingTargets(int findings, int[] decided, double[] weights) {

    static FindingTargets of(PreparedSet train, FindingsPolicy policy) {
        int[] decided = policy.decided(findings("training", train));
        int width = train.classNames().size();
        return new FindingTargets(width, decided, weights(decided, width));
    }

    /** Targets of another set with the same weights. */
    FindingTargets of(String name, PreparedSet other, FindingsPolicy policy) {
        return new FindingTargets(findings, policy.decided(findings(name, other)), weights);
    }

    private static Labels.Findings findings(String name, PreparedSet set) {
        if (set.labels() instanceof Labels.Findings findings) {
            return findings;
        }
        throw new IllegalArgumentException("the " + name + " set has one class per image; allowed are multilabel sets");
    }

    private static double[] weights(int[] decided, int width) {
        double[] positives = new double[width];
        for (int i = 0; i < decided.length; i++) {
            positives[i % width] += decided[i] == 1 ? 1 : 0;
        }
        return weights(positives);
    }

    /** @param positives training images that show each finding */
    static double[] weights(double[] positives) {
        double most = Arrays.stream(positives).max().orElse(0);
        double mean = Arrays.stream(positives).average().orElse(0);
        double[] weights = Arrays.stream(positives).map(n -> most - n + mean).toArray();
        double greatest = Arrays.stream(weights).max().orElse(0);
        // without any positive there is nothing to balance
        return Arrays.stream(weights).map(w -> greatest == 0 ? 1 : w / greatest).toArray();
    }

    /**
     * What one step needs of a batch: targets B x T, then the factor of each one's binary cross-entropy, B x T.
     *
     * @param images of the batch, only the first {@code count}
     */
    float[] batch(int[] images, int count) {
        int[] known = new int[findings];
        for (int b = 0; b < count; b++) {
            for (int t = 0; t < findings; t++) {
                known[t] += decided[images[b] * findings + t] == Predictions.UNKNOWN ? 0 : 1;
            }
        }
        float[] batch = new float[2 * count * findings];
        for (int b = 0; b < count; b++) {
            for (int t = 0; t < findings; t++) {
                int label = decided[images[b] * findings + t];
                if (label != Predictions.UNKNOWN) {
                    batch[b * findings + t] = label;
                    batch[(count + b) * findings + t] = (float) (weights[t] / known[t]);
                }
            }
        }
        return batch;
    }

    /** The loss of all images of the set as one batch, in float64. */
    double loss(float[] logits) {
        double[] sums = new double[findings];
        int[] known = new int[findings];
        for (int i = 0; i < decided.length; i++) {
            if (decided[i] != Predictions.UNKNOWN) {
                // log(1 + exp(-x)) of the logit of what is true
                double x = decided[i] == 1 ? logits[i] : -(double) logits[i];
                sums[i % findings] += Math.max(-x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
                known[i % findings]++;
            }
        }
        double loss = 0;
        for (int t = 0; t < findings; t++) {
            loss += known[t] == 0 ? 0 : weights[t] * sums[t] / known[t];
        }
        return loss;
    }

    /** Part of what is known that probability 0.5 decides rightly; 0 where nothing is known. */
    double accuracy(float[] logits) {
        int right = 0;
        int known = 0;
        for (int i = 0; i < decided.length; i++) {
            if (decided[i] != Predictions.UNKNOWN) {
                known++;
                right += (logits[i] > 0) == (decided[i] == 1) ? 1 : 0;
            }
        }
        return known == 0 ? 0 : (double) right / known;
    }
}
