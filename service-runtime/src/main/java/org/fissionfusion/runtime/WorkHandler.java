package org.fissionfusion.runtime;

import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.events.TaskProgress;

/** Does the tasks of a work queue, one at a time, on a thread of its own. */
public interface WorkHandler<T extends SpecificRecord> {

    /**
     * Does the task and publishes its results. A task may be delivered more than once: results must not depend on it.
     *
     * <p>An outage ({@link Outages#isOutage}) thrown here is waited out and the task tried again. Anything else thrown is
     * final: {@link #publishFailure} is called and the record accepted.
     *
     * @return RELEASE only after {@link Delivery#stopRequested}
     */
    Outcome handle(T task, Delivery delivery) throws Exception;

    /** What heartbeats say of the task until the handler has something to report. */
    TaskProgress waiting(T task);

    /** Publishes that the task failed, and why. Its record is among the dead letters by then, unless it was refused. */
    void publishFailure(T task, Delivery delivery, Throwable cause) throws Exception;

    /** Frees what it holds; no task runs any more. */
    default void close() {
        // most hold nothing
    }
}
