package org.fissionfusion.runtime;

/** The store could not do what was asked. */
public sealed class StoreException extends RuntimeException
        permits UnreadableObjectException, StoreFullException, StoreOutageException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
