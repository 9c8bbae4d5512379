package org.fissionfusion.core.experiment;

/**
 * What became of one worker's try at a task.
 *
 * @param number of the attempt; a worker that takes a dead one's place keeps its number
 * @param reason why the task did not end with it, empty where it did
 * @param seconds of the worker's time, as far as they are known
 */
public record Attempt(int number, String worker, Outcome outcome, String reason, double seconds) {

    /** How it ended. */
    public enum Outcome {
        /** Its result counted. */
        DONE,
        FAILED,
        /** The worker was not heard of any more: killed, or cut off. */
        SILENT,
        /** Handed back unfinished: the worker was stopped, or the experiment paused. */
        RETURNED
    }

    /** Who and why, for people. */
    String text() {
        return worker.isEmpty() ? reason : worker + ": " + reason;
    }
}
