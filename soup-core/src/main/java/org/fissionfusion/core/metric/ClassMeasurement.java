package org.fissionfusion.core.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Predictions made ready to be measured many times: everything that does not depend on how often an image counts is
 * worked out once. Not safe for use by several threads at once.
 */
final class ClassMeasurement implements Measurement {

    private final Predictions predictions;
    private final boolean defined;
    private final int[] cells;
    private final double[] logLosses;
    private final double[] briers;
    private final int[] bins;
    private final double[] gaps;
    private final List<RankedScores> rankings;
    private final Confusion confusion;
    private final double[] binGaps = new double[BINS];

    ClassMeasurement(Predictions predictions) {
        this.predictions = predictions;
        int images = predictions.images();
        cells = new int[images];
        logLosses = new double[images];
        briers = new double[images];
        bins = new int[images];
        gaps = new double[images];
        confusion = new Confusion(predictions.classes());
        boolean finite = true;
        for (double probability : predictions.probabilities()) {
            finite &= Double.isFinite(probability);
        }
        defined = finite;
        for (int i = 0; i < images; i++) {
            prepare(i);
        }
        rankings = defined ? rank(predictions) : List.of();
    }

    private void prepare(int image) {
        int classes = predictions.classes();
        int row = image * classes;
        int label = predictions.labels()[image];
        int predicted = predictions.predicted(image);
        double[] probabilities = predictions.probabilities();
        cells[image] = label * classes + predicted;
        logLosses[image] = -StrictMath.log(Math.clamp(probabilities[row + label], EPSILON, 1 - EPSILON));
        double brier = 0;
        for (int c = 0; c < classes; c++) {
            double error = probabilities[row + c] - (c == label ? 1 : 0);
            brier += error * error;
        }
        briers[image] = brier;
        double top = probabilities[row + predicted];
        bins[image] = Measurement.bin(top);
        gaps[image] = (predicted == label ? 1 : 0) - top;
    }

    /** Two classes have one curve, that of class 1; more have one for each. */
    private static List<RankedScores> rank(Predictions predictions) {
        List<RankedScores> rankings = new ArrayList<>();
        for (int c = predictions.classes() == 2 ? 1 : 0; c < predictions.classes(); c++) {
            rankings.add(RankedScores.ofClass(predictions, c));
        }
        return rankings;
    }

    @Override
    public double measure(Metric metric, int[] weights) {
        if (!defined) {
            return Double.NaN;
        }
        return switch (metric) {
            case ACCURACY -> count(weights).accuracy();
            case MACRO_F1 -> count(weights).macroF1();
            case MACRO_RECALL -> count(weights).macroRecall();
            case QUADRATIC_KAPPA -> count(weights).quadraticKappa();
            case AUROC -> auroc(weights);
            case LOG_LOSS -> mean(logLosses, weights);
            case ECE -> calibrationError(weights);
            case BRIER -> mean(briers, weights);
            case COMPETITION_AUROC, FREQUENT_AUROC -> Double.NaN;
        };
    }

    /** The images are counted into classes once. */
    @Override
    public Map<Metric, Double> measureAll(int[] weights) {
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        count(weights);
        for (Metric metric : Metric.values()) {
            values.put(
                    metric,
                    switch (metric) {
                        case ACCURACY -> orUndefined(confusion.accuracy());
                        case MACRO_F1 -> orUndefined(confusion.macroF1());
                        case MACRO_RECALL -> orUndefined(confusion.macroRecall());
                        case QUADRATIC_KAPPA -> orUndefined(confusion.quadraticKappa());
                        case AUROC, COMPETITION_AUROC, FREQUENT_AUROC, LOG_LOSS, ECE, BRIER -> measure(metric, weights);
                    });
        }
        return values;
    }

    private double orUndefined(double value) {
        return defined ? value : Double.NaN;
    }

    /** The counts of the last call that needed them. */
    Confusion confusion() {
        return confusion;
    }

    /** Mean cross-entropy per image. */
    @Override
    public double loss() {
        double sum = 0;
        for (int i = 0; i < predictions.images(); i++) {
            double probability = predictions
                    .probabilities()[i * predictions.classes() + predictions.labels()[i]];
            sum -= StrictMath.log(Math.max(probability, Double.MIN_VALUE));
        }
        return defined ? sum / predictions.images() : Double.NaN;
    }

    /** Classes whose AUROC is undefined with these weights. */
    List<Integer> classesWithoutAuroc(int[] weights) {
        List<Integer> classes = new ArrayList<>();
        int first = predictions.classes() - rankings.size();
        for (int r = 0; r < rankings.size(); r++) {
            if (Double.isNaN(rankings.get(r).auroc(weights))) {
                classes.add(first + r);
            }
        }
        return List.copyOf(classes);
    }

    private Confusion count(int[] weights) {
        confusion.count(cells, weights);
        return confusion;
    }

    private double auroc(int[] weights) {
        double sum = 0;
        int present = 0;
        for (RankedScores ranking : rankings) {
            double area = ranking.auroc(weights);
            if (!Double.isNaN(area)) {
                sum += area;
                present++;
            }
        }
        return present == 0 ? Double.NaN : sum / present;
    }

    private double calibrationError(int[] weights) {
        Arrays.fill(binGaps, 0);
        long total = 0;
        for (int i = 0; i < bins.length; i++) {
            binGaps[bins[i]] += weights[i] * gaps[i];
            total += weights[i];
        }
        double sum = 0;
        for (double gap : binGaps) {
            sum += Math.abs(gap);
        }
        return sum / total;
    }

    private static double mean(double[] values, int[] weights) {
        double sum = 0;
        long total = 0;
        for (int i = 0; i < values.length; i++) {
            sum += weights[i] * values[i];
            total += weights[i];
        }
        return sum / total;
    }
}
