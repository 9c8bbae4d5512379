package org.fissionfusion.trainer;

/** Another trainer has claimed the task: this one saves and publishes nothing more. */
final class SupersededException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
