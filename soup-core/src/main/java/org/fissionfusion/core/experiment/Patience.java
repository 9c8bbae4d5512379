package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Set;
import org.fissionfusion.core.experiment.Attempt.Outcome;

/**
 * When a task has been tried often enough.
 *
 * <p>A failed attempt may be its worker's fault (a broken accelerator, a full scratch disk): three attempts that failed
 * on three different workers give the task up. Where fewer workers are known there may never be a third: then three
 * failed attempts are enough once every known worker is among those that failed, so the only worker of a small
 * installation gives a task up at its third failure. A broken worker that fails at once may get the same task again
 * and again while the others are busy; nine failed attempts end it whoever failed them, so that every task ends.
 *
 * <p>A worker that went silent was killed or cut off, most often for a reason of its own: silence is no evidence. But
 * a task that takes its workers down must end some day too: it is given up once it has silenced three different
 * workers, or the same ones nine times, which is how a single worker that comes back under its name appears.
 *
 * <p>An attempt that was handed back counts for nothing. A permanent failure needs no patience at all.
 */
final class Patience {
    private static final int WORKERS = 3;
    private static final int ATTEMPTS = WORKERS * WORKERS;

    private Patience() {}

    /** @param known workers that have had a task of this kind, those of this task included */
    static boolean isOver(TaskRow row, Set<String> known) {
        List<String> failed = workers(row, Outcome.FAILED);
        List<String> silent = workers(row, Outcome.SILENT);
        boolean failedByEnough = failed.size() >= WORKERS && different(failed) >= Math.min(WORKERS, known.size());
        return failedByEnough || different(silent) >= WORKERS || failed.size() >= ATTEMPTS || silent.size() >= ATTEMPTS;
    }

    private static List<String> workers(TaskRow row, Outcome outcome) {
        return row.attempts().stream()
                .filter(attempt -> attempt.outcome() == outcome)
                .map(Attempt::worker)
                .toList();
    }

    private static long different(List<String> workers) {
        return workers.stream().distinct().count();
    }
}
