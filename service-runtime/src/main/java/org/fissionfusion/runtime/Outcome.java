package org.fissionfusion.runtime;

/** What becomes of a task's record. */
public enum Outcome {
    /** The task is done, its results are published: the record is finished. */
    ACCEPT,
    /** The task was interrupted by a stop: another worker gets it. */
    RELEASE
}
