package org.fissionfusion.runtime;

/** The bytes of an object are not those its record names. */
public final class CorruptObjectException extends UnreadableObjectException {
    private static final long serialVersionUID = 1L;

    public CorruptObjectException(StoredObject expected, String what, String found) {
        super(
                expected.key(),
                "object " + expected.key() + " was altered: expected "
                        + (what.equals("bytes") ? expected.bytes() : expected.sha256()) + " " + what + ", found "
                        + found);
    }
}
