package org.fissionfusion.core.metric;

/**
 * Temperature scaling (Guo et al., ICML 2017): probabilities become softmax(log p / T), T fitted so that the mean
 * cross-entropy of a validation set is least. The order of the classes of an image, and so every decision, stays.
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
     * The temperature of least cross-entropy between 0.01 and 100; 1 when a probability is no finite number. The
     * cross-entropy is convex in 1/T, so halving the interval of its slope's change of sign finds it.
     */
    public static double fit(Predictions validation) {
        double[] logs = new double[validation.probabilities().length];
        for (int i = 0; i < logs.length; i++) {
            double probability = validation.probabilities()[i];
            if (!Double.isFinite(probability)) {
                return 1;
            }
            logs[i] = StrictMath.log(Math.max(probability, LEAST));
        }
        double low = 1 / HOTTEST;
        double high = 1 / COLDEST;
        if (slope(validation, logs, low) >= 0) {
            return HOTTEST;
        }
        if (slope(validation, logs, high) <= 0) {
            return COLDEST;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (slope(validation, logs, middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 2 / (low + high);
    }

    /** How the summed cross-entropy changes with 1/T: mean log p under the scaled probabilities less that of the truth. */
    private static double slope(Predictions predictions, double[] logs, double inverse) {
        int classes = predictions.classes();
        double slope = 0;
        for (int i = 0; i < predictions.images(); i++) {
            int row = i * classes;
            double top = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                top = Math.max(top, logs[row + c]);
            }
            double sum = 0;
            double weighted = 0;
            for (int c = 0; c < classes; c++) {
                double scaled = StrictMath.exp(inverse * (logs[row + c] - top));
                sum += scaled;
                weighted += scaled * logs[row + c];
            }
            slope += weighted / sum - logs[row + predictions.labels()[i]];
        }
        return slope;
    }

    /** The predictions at a temperature above 0. */
    public static Predictions apply(Predictions predictions, double temperature) {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not above 0");
        }
        int classes = predictions.classes();
        double[] scaled = new double[predictions.probabilities().length];
        for (int row = 0; row < scaled.length; row += classes) {
            double top = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                scaled[row + c] = StrictMath.log(Math.max(predictions.probabilities()[row + c], LEAST));
                top = Math.max(top, scaled[row + c]);
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                scaled[row + c] = StrictMath.exp((scaled[row + c] - top) / temperature);
                sum += scaled[row + c];
            }
            for (int c = 0; c < classes; c++) {
                scaled[row + c] /= sum;
            }
        }
        return new Predictions(predictions.images(), classes, scaled, predictions.labels(), predictions.groups());
    }
}
