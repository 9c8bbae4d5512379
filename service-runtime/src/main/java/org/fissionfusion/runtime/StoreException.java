package org.fissionfusion.runtime;

/** The store could not do what was asked. */
public sealed class StoreException extends RuntimeException
        permits ForbiddenObjectException,
                StoreAccessException,
                StoreFullException,
                StoreOutageException,
                UnreadableObjectException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
