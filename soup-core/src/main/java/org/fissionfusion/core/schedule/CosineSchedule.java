package org.fissionfusion.core.schedule;

/**
 * Cosine annealing per epoch from {@code peak} towards zero with {@code T_max = epochs} (paper section 3,
 * "Experimental setup"; PyTorch's {@code CosineAnnealingLR} stepped once an epoch).
 *
 * @param peak rate of the first epoch, finite and above 0
 * @param epochs number of epochs, at least 1
 */
public record CosineSchedule(double peak, int epochs) {

    public CosineSchedule {
        if (!(peak > 0) || Double.isInfinite(peak)) {
            throw new IllegalArgumentException("peak: " + peak + " is not a finite rate above 0");
        }
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs: " + epochs + " is less than 1");
        }
    }

    /** The rate of all steps of an epoch, counted from 1. */
    public double rateAt(int epoch) {
        if (epoch < 1 || epoch > epochs) {
            throw new IllegalArgumentException("epoch: " + epoch + " is outside 1.." + epochs);
        }
        return peak * (1 + Math.cos(Math.PI * (epoch - 1) / epochs)) / 2;
    }
}
