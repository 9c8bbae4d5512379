package org.fissionfusion.runtime;

import java.nio.file.Path;

/** The disk below the store is full: work waits until there is space. */
public final class StoreFullException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreFullException(Path folder, Throwable cause) {
        super("disk full: no space left to write into " + folder + "; free some, work then goes on by itself", cause);
    }
}
