package org.fissionfusion.evaluator;

/** The task can never succeed as it stands; the message names the key, the value and what is allowed. */
final class TaskRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TaskRefused(String message) {
        super(message);
    }

    TaskRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
