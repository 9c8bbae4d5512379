package org.fissionfusion.runtime;

/** The store is there and says no: credentials, a policy, a bucket that is missing. Someone has to put it right. */
public final class StoreAccessException extends StoreException {
    private static final long serialVersionUID = 1L;

    public StoreAccessException(String message, Throwable cause) {
        super(message, cause);
    }
}
