package org.fissionfusion.runtime;

import java.nio.file.Path;

/** The disk below the store is full: work waits until there is space. */
public final class StoreFullException extends StoreException {
    private static final long serialVersionUID = 1L;

    private static final String MESSAGE = "disk full: ";

    public StoreFullException(Path folder, Throwable cause) {
        super(MESSAGE + "no space left to write into " + folder + "; free some there, then it goes on", cause);
    }

    /** True for the text of such an exception, among others that say what a service waits for. */
    public static boolean isOf(String message) {
        return message.startsWith(MESSAGE);
    }
}
