package org.fissionfusion.evaluator;

import java.time.Duration;
import java.util.List;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.runtime.TaskRefused;

/** Keeps test and out-of-domain sets unread until the selection of every strategy is closed. */
final class SealedSplits {
    private final Selection selection;
    private final Duration patience;

    SealedSplits(Selection selection, Duration patience) {
        this.selection = selection;
        this.patience = patience;
    }

    /** What the planner said about an experiment's selection. */
    @FunctionalInterface
    interface Selection {
        /**
         * Waits for the record that says so, which may arrive after the task that relies on it.
         *
         * @return true once the selection is closed, false when it still is not after {@code patience}
         */
        boolean closed(String experimentId, Duration patience) throws InterruptedException;
    }

    /** Refuses a task that names a sealed split of an experiment that is still selecting. */
    void requireOpen(String experimentId, List<DataSplit> splits) throws InterruptedException {
        List<String> sealed = splits.stream()
                .filter(DataSplit::getSealed)
                .map(DataSplit::getName)
                .toList();
        if (!sealed.isEmpty() && !selection.closed(experimentId, patience)) {
            throw new TaskRefused("splits: " + sealed + " of experiment " + experimentId
                    + " are sealed; allowed are unsealed splits until its selection is closed");
        }
    }
}
