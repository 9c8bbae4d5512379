package org.fissionfusion.runtime;

import java.util.Optional;

/** An object that a record names is not there, or no longer what it was. Whoever reads it fails in the same way. */
public abstract sealed class UnreadableObjectException extends StoreException
        permits CorruptObjectException, MissingObjectException {
    private static final long serialVersionUID = 1L;

    private final String key;

    UnreadableObjectException(String key, String message) {
        super(message, null);
        this.key = key;
    }

    /** The key of the object. */
    public String key() {
        return key;
    }

    /** The key of the object that made something fail, if one did. */
    public static Optional<String> keyOf(Throwable failure) {
        return failure instanceof UnreadableObjectException unreadable
                ? Optional.of(unreadable.key())
                : Optional.empty();
    }
}
