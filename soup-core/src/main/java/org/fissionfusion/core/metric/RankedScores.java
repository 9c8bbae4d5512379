package org.fissionfusion.core.metric;

import java.util.Arrays;
import java.util.stream.IntStream;

/** One class against the rest, sorted by score once, so that the AUROC of any resample is one pass of whole numbers. */
final class RankedScores {

    private final int[] order;
    private final int[] positive;
    private final boolean[] lastOfTie;

    /** One class against all others. */
    static RankedScores ofClass(Predictions predictions, int aClass) {
        int images = predictions.images();
        double[] scores = new double[images];
        boolean[] truths = new boolean[images];
        for (int i = 0; i < images; i++) {
            scores[i] = predictions.probabilities()[i * predictions.classes() + aClass];
            truths[i] = predictions.labels()[i] == aClass;
        }
        return new RankedScores(scores, truths, IntStream.range(0, images).toArray());
    }

    /**
     * Scores of some images.
     *
     * @param given one score per entry
     * @param truths whether the entry is of what is scored
     * @param numbers of the entries' images, by which they are weighed
     */
    RankedScores(double[] given, boolean[] truths, int[] numbers) {
        int images = given.length;
        double[] scores = new double[images];
        for (int i = 0; i < images; i++) {
            // + 0.0 makes a negative zero tie with a positive one
            scores[i] = given[i] + 0.0;
        }
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        order = new int[images];
        positive = new int[images];
        lastOfTie = new boolean[images];
        int[] next = new int[images];
        for (int i = 0; i < images; i++) {
            int first = firstOf(sorted, scores[i]);
            int place = first + next[first]++;
            order[place] = numbers[i];
            positive[place] = truths[i] ? -1 : 0;
        }
        for (int place = 0; place < images; place++) {
            lastOfTie[place] = place == images - 1 || sorted[place] != sorted[place + 1];
        }
    }

    /** Area under the ROC curve, ties counted half; NaN when all or none of the images are of the class. */
    double auroc(int[] weights) {
        long positives = 0;
        long negatives = 0;
        long tiedPositives = 0;
        long tiedNegatives = 0;
        long twiceWins = 0;
        for (int place = 0; place < order.length; place++) {
            int weight = weights[order[place]];
            int mask = positive[place];
            tiedPositives += weight & mask;
            tiedNegatives += weight & ~mask;
            if (lastOfTie[place]) {
                twiceWins += tiedPositives * (2 * negatives + tiedNegatives);
                positives += tiedPositives;
                negatives += tiedNegatives;
                tiedPositives = 0;
                tiedNegatives = 0;
            }
        }
        return positives == 0 || negatives == 0 ? Double.NaN : twiceWins / 2.0 / positives / negatives;
    }

    private static int firstOf(double[] sorted, double score) {
        int low = 0;
        int high = sorted.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < score) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
