package org.fissionfusion.vision.images;

/**
 * A data set that cannot be used as it is. The message names the file or key, the value found and what is allowed, so
 * that it can be shown to the user as it stands.
 */
public final class PreparationException extends Exception {
    private static final long serialVersionUID = 1L;

    public PreparationException(String message) {
        super(message);
    }

    public PreparationException(String message, Throwable cause) {
        super(message, cause);
    }
}
