package org.fissionfusion.runtime;

import org.fissionfusion.events.TaskResult;

/** Between a worker and the others: what it announces, and what it must know of an experiment. */
public interface TaskReports {
    /** Whether the experiment wants its tasks worked on. */
    enum Order {
        WORK,
        PAUSED,
        CANCELLED
    }

    Order order(String experimentId);

    /** Returns when the event is acknowledged. */
    void result(TaskResult result);
}
