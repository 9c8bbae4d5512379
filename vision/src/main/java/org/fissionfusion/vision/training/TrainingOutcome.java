package org.fissionfusion.vision.training;

import java.util.List;

/** How a run ended. */
public sealed interface TrainingOutcome {
    /** All epochs are done, or early stopping ended them. Images and seconds include those before a resume. */
    record Completed(List<EpochLog> log, boolean stoppedEarly) implements TrainingOutcome {
        public Completed {
            log = List.copyOf(log);
        }

        public int epochs() {
            return log.size();
        }

        public long images() {
            return log.stream().mapToLong(EpochLog::images).sum();
        }

        public double seconds() {
            return log.stream().mapToDouble(EpochLog::seconds).sum();
        }
    }

    /**
     * The loss is no longer a number: the same run would fail again.
     *
     * @param before the epochs that were finished
     */
    record Diverged(String reason, Completed before) implements TrainingOutcome {}

    /** Told to stop; the last epoch's state can be resumed. */
    record Interrupted(int epochsDone) implements TrainingOutcome {}
}
