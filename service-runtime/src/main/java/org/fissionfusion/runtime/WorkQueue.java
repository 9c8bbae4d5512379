package org.fissionfusion.runtime;

import java.util.Optional;

/** A running worker: takes tasks from a queue one by one until closed. */
public interface WorkQueue extends AutoCloseable {

    /** Why this worker stopped taking tasks by itself, if it did. */
    Optional<Throwable> fault();

    /** What the running task waits for before it can go on, if it does. */
    Optional<String> waitsFor();

    /** True while a task runs. */
    boolean busy();

    /** Stops: the running task is asked to stop, waited for, and handed back unless it is done. */
    @Override
    void close();
}
