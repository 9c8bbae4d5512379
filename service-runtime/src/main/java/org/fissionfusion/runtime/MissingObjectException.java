package org.fissionfusion.runtime;

/** There is no object of this key. */
public final class MissingObjectException extends UnreadableObjectException {
    private static final long serialVersionUID = 1L;

    public MissingObjectException(String key) {
        super(key, "there is no object " + key + " in the store");
    }
}
