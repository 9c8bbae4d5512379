package org.fissionfusion.vision.training;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Hears of a run as it goes, on the thread that runs it. An exception ends the run. */
public interface TrainingListener {
    /** Before every step: how long it waited for its images. */
    default void onBatch(Duration waited) {}

    /** After every step. */
    default void onStep(StepProgress progress) {}

    /** Something legal but doubtful, in a sentence. */
    default void onWarning(String warning) {}

    /** After an epoch, its checkpoint included; the state file stays until the next call returns. */
    default void onEpoch(EpochLog log, Path state) throws IOException {}

    /** A checkpoint was written. After a resume the same one may be announced again, with the same bytes. */
    default void onCheckpoint(SavedCheckpoint checkpoint) throws IOException {}
}
