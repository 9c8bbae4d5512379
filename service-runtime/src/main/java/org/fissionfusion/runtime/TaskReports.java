package org.fissionfusion.runtime;

import org.fissionfusion.events.TaskResult;

/** Between a worker and the others: what it announces, and what it must know of an experiment. */
public interface TaskReports {
    /** Whether the experiment wants its tasks worked on. */
    enum Order {
        WORK(""),
        PAUSED("the experiment is paused"),
        CANCELLED("the experiment is cancelled"),
        /** Found in the usual queue, though its experiment has high priority: it is in the other queue as well. */
        MOVED("the experiment has high priority now, its tasks are in the queue for that");

        private final String reason;

        Order(String reason) {
            this.reason = reason;
        }

        /** Why a task is handed back. */
        public String reason() {
            return reason;
        }
    }

    /** @param queue the topic that the task came from */
    Order order(String experimentId, String queue);

    /** Returns when the event is acknowledged. */
    void result(TaskResult result);
}
