package org.fissionfusion.core.metric;

import java.util.Arrays;

/**
 * Temperature scaling (Guo et al., ICML 2017): probabilities become softmax(log p / T), T fitted so that the mean
 * cross-entropy of a validation set is least. The order of the classes of an image, and so every decision, stays. A
 * finding of a multilabel set is a choice of two, absent and present; there the mean over the findings of each one's
 * cross-entropy is least.
 */
public final class Temperature {
    private static final double COLDEST = 0.01;
    private static final double HOTTEST = 100;
    /** Halvings of the interval: it ends below the spacing of float64 numbers. */
    private static final int HALVINGS = 80;
    /** Softmax underflows where a class is all but impossible: it stays possible for the logarithm. */
    private static final double LEAST = 1e-300;

    private Temperature() {}

    /**
     * Choices with what is true of them.
     *
     * @param logs row-major logarithms of the probabilities of each choice
     * @param truths the true one of each choice
     * @param weights of the choices
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Choices(int width, double[] logs, int[] truths, double[] weights) {

        static Choices of(Predictions predictions) {
            return predictions.multilabel() ? ofFindings(predictions) : ofClasses(predictions);
        }

        private static Choices ofClasses(Predictions predictions) {
            double[] logs = Arrays.stream(predictions.probabilities())
                    .map(Temperature::log)
                    .toArray();
            double[] weights = new double[predictions.images()];
            Arrays.fill(weights, 1);
            return new Choices(predictions.classes(), logs, predictions.labels(), weights);
        }

        private static Choices ofFindings(Predictions predictions) {
            int findings = predictions.classes();
            int[] labels = predictions.labels();
            int[] known = new int[findings];
            for (int i = 0; i < labels.length; i++) {
                known[i % findings] += labels[i] == Predictions.UNKNOWN ? 0 : 1;
            }
            int choices = Arrays.stream(known).sum();
            Choices all = new Choices(2, new double[2 * choices], new int[choices], new double[choices]);
            int at = 0;
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] != Predictions.UNKNOWN) {
                    all.logs[2 * at] = log(1 - predictions.probabilities()[i]);
                    all.logs[2 * at + 1] = log(predictions.probabilities()[i]);
                    all.truths[at] = labels[i];
                    all.weights[at++] = 1.0 / known[i % findings];
                }
            }
            return all;
        }

        /** How the cross-entropy changes with 1/T: mean log p under the scaled probabilities less that of the truth. */
        private double slope(double inverse) {
            double slope = 0;
            for (int i = 0; i < truths.length; i++) {
                int row = i * width;
                double top = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < width; c++) {
                    top = Math.max(top, logs[row + c]);
                }
                double sum = 0;
                double weighted = 0;
                for (int c = 0; c < width; c++) {
                    double scaled = StrictMath.exp(inverse * (logs[row + c] - top));
                    sum += scaled;
                    weighted += scaled * logs[row + c];
                }
                slope += weights[i] * (weighted / sum - logs[row + truths[i]]);
            }
            return slope;
        }
    }

    private static double log(double probability) {
        return StrictMath.log(Math.max(probability, LEAST));
    }

    /**
     * The temperature of least cross-entropy between 0.01 and 100; 1 when a probability is no finite number, or nothing
     * is known of any image. The cross-entropy is convex in 1/T, so halving the interval of its slope's change of sign
     * finds it.
     */
    public static double fit(Predictions validation) {
        if (!Arrays.stream(validation.probabilities()).allMatch(Double::isFinite)) {
            return 1;
        }
        Choices choices = Choices.of(validation);
        if (choices.truths().length == 0) {
            return 1;
        }
        double low = 1 / HOTTEST;
        double high = 1 / COLDEST;
        if (choices.slope(low) >= 0) {
            return HOTTEST;
        }
        if (choices.slope(high) <= 0) {
            return COLDEST;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (choices.slope(middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 2 / (low + high);
    }

    /** The predictions at a temperature above 0. */
    public static Predictions apply(Predictions predictions, double temperature) {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not above 0");
        }
        double[] scaled = predictions.probabilities().clone();
        if (predictions.multilabel()) {
            for (int i = 0; i < scaled.length; i++) {
                double[] both = {1 - scaled[i], scaled[i]};
                scale(both, 0, 2, temperature);
                scaled[i] = both[1];
            }
        } else {
            for (int row = 0; row < scaled.length; row += predictions.classes()) {
                scale(scaled, row, predictions.classes(), temperature);
            }
        }
        return new Predictions(
                predictions.images(),
                predictions.classes(),
                scaled,
                predictions.labels(),
                predictions.groups(),
                predictions.findings());
    }

    private static void scale(double[] probabilities, int row, int width, double temperature) {
        double top = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < width; c++) {
            probabilities[row + c] = log(probabilities[row + c]);
            top = Math.max(top, probabilities[row + c]);
        }
        double sum = 0;
        for (int c = 0; c < width; c++) {
            probabilities[row + c] = StrictMath.exp((probabilities[row + c] - top) / temperature);
            sum += probabilities[row + c];
        }
        for (int c = 0; c < width; c++) {
            probabilities[row + c] /= sum;
        }
    }
}
