package org.fissionfusion.runtime;

/** Reading or writing the store failed for a reason that may pass. */
public final class StoreOutageException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreOutageException(String message, Throwable cause) {
        super(message, cause);
    }
}
