package org.fissionfusion.runtime;

/**
 * The task can never succeed as it stands; the message names the key, the value and what is allowed. It fails for good
 * and leaves no dead letter: nothing is wrong with the record or with this program.
 */
public final class TaskRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TaskRefused(String message) {
        super(message);
    }

    public TaskRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
