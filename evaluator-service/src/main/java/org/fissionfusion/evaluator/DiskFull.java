package org.fissionfusion.evaluator;

import org.fissionfusion.runtime.StoreFullException;

/** The store has no space left. Unlike an outage this is not waited out: the attempt fails and says why. */
final class DiskFull extends Exception {
    private static final long serialVersionUID = 1L;

    DiskFull(StoreFullException full) {
        super(full.getMessage());
    }
}
