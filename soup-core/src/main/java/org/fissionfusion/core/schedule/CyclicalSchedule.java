package org.fissionfusion.core.schedule;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The cyclical rate of the fission stage (paper section 3.1, fast geometric generation).
 *
 * <p>With {@code t = ((e mod c) + f) / c} for epoch {@code e} counted from 1, the fraction {@code f} of it that is
 * done and cycle length {@code c}, the rate falls linearly from {@code max} at {@code t = 0} to {@code min} at
 * {@code t = 1/2} and rises again to {@code max} at {@code t = 1}.
 *
 * @param max the rate α1, finite and above 0
 * @param min the rate α2, above 0 and at most {@code max}
 * @param cycle epochs of a cycle, even and at least 2
 */
public record CyclicalSchedule(double max, double min, int cycle) {

    public CyclicalSchedule {
        if (!(max > 0) || Double.isInfinite(max)) {
            throw new IllegalArgumentException("max: " + max + " is not a finite rate above 0");
        }
        if (!(min > 0) || min > max) {
            throw new IllegalArgumentException("min: " + min + " is not above 0 and at most max = " + max);
        }
        if (cycle < 2 || cycle % 2 != 0) {
            throw new IllegalArgumentException("cycle: " + cycle + " is not an even number of at least 2 epochs");
        }
    }

    /**
     * The rate at a point of an epoch.
     *
     * @param epoch counted from 1
     * @param fractionDone part of the epoch's batches already done, 0 to 1
     */
    public double rateAt(int epoch, double fractionDone) {
        requireEpoch(epoch);
        if (!(fractionDone >= 0 && fractionDone <= 1)) {
            throw new IllegalArgumentException("fractionDone: " + fractionDone + " is outside 0..1");
        }
        double t = (epoch % cycle + fractionDone) / cycle;
        return t < 0.5 ? (1 - 2 * t) * max + 2 * t * min : (2 - 2 * t) * min + (2 * t - 1) * max;
    }

    /** True when the rate is at its minimum at the end of this epoch (counted from 1): a checkpoint is taken. */
    public boolean endsCycle(int epoch) {
        requireEpoch(epoch);
        return epoch % cycle + 1 == cycle / 2;
    }

    /** The epochs (counted from 1, ascending) of a run of {@code epochs} at whose end a checkpoint is taken. */
    public List<Integer> checkpointEpochs(int epochs) {
        return IntStream.rangeClosed(1, epochs).filter(this::endsCycle).boxed().toList();
    }

    private static void requireEpoch(int epoch) {
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch: " + epoch + " is less than 1");
        }
    }
}
