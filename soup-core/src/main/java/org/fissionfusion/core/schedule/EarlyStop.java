package org.fissionfusion.core.schedule;

/**
 * Early stopping on the validation loss. A new minimum resets the counter, a loss above minimum + {@code minDelta}
 * (or one that is not a number) increments it, anything in between leaves it.
 *
 * @param patience stop when the counter reaches this, at least 1
 * @param minDelta tolerance above the minimum, at least 0
 * @param minimum least loss so far, positive infinity at the start
 * @param counter losses above the tolerance since the last minimum
 */
public record EarlyStop(int patience, double minDelta, double minimum, int counter) {

    public EarlyStop {
        if (patience < 1) {
            throw new IllegalArgumentException("patience: " + patience + " is less than 1");
        }
        if (!(minDelta >= 0)) {
            throw new IllegalArgumentException("minDelta: " + minDelta + " is less than 0");
        }
        if (Double.isNaN(minimum)) {
            throw new IllegalArgumentException("minimum: is not a number");
        }
        if (counter < 0) {
            throw new IllegalArgumentException("counter: " + counter + " is less than 0");
        }
    }

    /** Before the first loss. */
    public EarlyStop(int patience, double minDelta) {
        this(patience, minDelta, Double.POSITIVE_INFINITY, 0);
    }

    /** The state after one more epoch's validation loss. */
    public EarlyStop next(double loss) {
        if (loss < minimum) {
            return new EarlyStop(patience, minDelta, loss, 0);
        }
        boolean within = loss <= minimum + minDelta;
        return new EarlyStop(patience, minDelta, minimum, within ? counter : counter + 1);
    }

    /** True when training is to end now. */
    public boolean shouldStop() {
        return counter >= patience;
    }
}
