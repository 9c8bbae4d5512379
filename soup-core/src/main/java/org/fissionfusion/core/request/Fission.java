package org.fissionfusion.core.request;

/** Cyclical training of each base model; rates are absolute, or factors of the group's rate when relative. */
public record Fission(int epochs, int cycle, double maxLearningRate, double minLearningRate, boolean relative) {

    /** Highest rate for a base model trained at {@code baseRate}. */
    public double maxFor(double baseRate) {
        return relative ? maxLearningRate * baseRate : maxLearningRate;
    }

    /** Lowest rate for a base model trained at {@code baseRate}. */
    public double minFor(double baseRate) {
        return relative ? minLearningRate * baseRate : minLearningRate;
    }

    /** Number of checkpoints a line yields: epochs e with (e mod c) + 1 = c/2. */
    public int checkpoints() {
        int count = 0;
        for (int epoch = 1; epoch <= epochs; epoch++) {
            if (epoch % cycle + 1 == cycle / 2) {
                count++;
            }
        }
        return count;
    }
}
