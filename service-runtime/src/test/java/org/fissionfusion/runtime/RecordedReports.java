package org.fissionfusion.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.TaskResult;

/** Remembers what a worker announced. */
public final class RecordedReports implements TaskReports {
    public final List<TaskResult> results = new CopyOnWriteArrayList<>();
    public volatile Order order = Order.WORK;

    @Override
    public Order order(String experimentId, String queue) {
        return order;
    }

    @Override
    public void result(TaskResult result) {
        results.add(result);
    }

    public List<CheckpointSaved> checkpoints() {
        return results.stream()
                .map(TaskResult::getResult)
                .filter(CheckpointSaved.class::isInstance)
                .map(CheckpointSaved.class::cast)
                .toList();
    }

    public Object last() {
        return results.getLast().getResult();
    }
}
