package org.fissionfusion.evaluator;

import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.runtime.Delivery;

/** Between an evaluator and the others: what it announces, and what it must know of an experiment. */
interface Reports {
    /** Whether the experiment wants its tasks worked on. */
    enum Order {
        WORK,
        PAUSED,
        CANCELLED
    }

    Order order(String experimentId);

    /** Returns when the event is acknowledged. */
    void result(TaskResult result);

    /** Sent without waiting: the next one replaces it. */
    void progress(TaskProgress progress);

    /** Puts the task aside with its origin, for a person to look at. */
    void deadLetter(EvaluationTask task, Delivery delivery, Throwable cause);
}
