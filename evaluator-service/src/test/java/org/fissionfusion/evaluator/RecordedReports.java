package org.fissionfusion.evaluator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.runtime.Delivery;

/** Remembers what an evaluator announced. */
class RecordedReports implements Reports {
    final List<TaskResult> results = new ArrayList<>();
    final List<TaskProgress> progress = new CopyOnWriteArrayList<>();
    final List<Throwable> deadLetters = new ArrayList<>();
    volatile Order order = Order.WORK;

    @Override
    public Order order(String experimentId) {
        return order;
    }

    @Override
    public void result(TaskResult result) {
        results.add(result);
    }

    @Override
    public void progress(TaskProgress beat) {
        progress.add(beat);
    }

    @Override
    public void deadLetter(EvaluationTask task, Delivery delivery, Throwable cause) {
        deadLetters.add(cause);
    }

    Object last() {
        return results.getLast().getResult();
    }
}
