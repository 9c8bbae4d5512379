package org.fissionfusion.trainer;

import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TaskReturned;
import org.fissionfusion.events.TrainingFailed;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.runtime.TaskReports;
import org.fissionfusion.runtime.UnreadableObjectException;
import org.fissionfusion.runtime.WorkHandler;
import org.fissionfusion.vision.images.PreparationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does training tasks.
 *
 * <pre>
 * delivered ─▶ paused, cancelled, in another queue ────────▶ TaskReturned
 *           ─▶ finished before ────────────────────────────▶ the recorded results again
 *           ─▶ claimed ─▶ training ─▶ completed, diverged ──▶ results recorded, published, states deleted
 *                                  ─▶ stopped ─────────────▶ TaskReturned, states kept
 *                                  ─▶ superseded ──────────▶ nothing: another trainer has the task
 *           ─▶ damaged files, impossible values ───────────▶ TrainingFailed(permanent)
 *           ─▶ anything else that is no outage ────────────▶ TrainingFailed
 * </pre>
 */
final class TrainingWorker implements WorkHandler<TrainingTask> {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingWorker.class);

    private final Bench bench;
    private final TaskReports reports;

    /**
     * What a trainer works with.
     *
     * @param worker its name
     * @param scratch folder for the files of the running task
     * @param threads that make batches ahead
     */
    record Bench(String worker, ObjectStore store, Serde<TaskResult> format, Path scratch, int threads) {}

    TrainingWorker(Bench bench, TaskReports reports) {
        this.bench = bench;
        this.reports = reports;
    }

    @Override
    public Outcome handle(TrainingTask task, Delivery delivery) throws Exception {
        TaskReports.Order order = order(task, delivery);
        if (order != TaskReports.Order.WORK) {
            return returned(task, delivery, order.reason());
        }
        requireOpen(task);
        bench.store().release(); // the files of the last task
        TaskShelf shelf = new TaskShelf(bench.store(), bench.format(), task);
        List<TaskResult> known = shelf.recorded();
        for (TaskResult result : known) {
            reports.result(withAttempt(result, task));
        }
        if (known.stream().anyMatch(result -> TaskAttempt.ends(result.getResult()))) {
            shelf.clear();
            return Outcome.ACCEPT;
        }
        return conclude(task, delivery, new TaskAttempt(task, bench, shelf, reports, delivery).run());
    }

    private Outcome conclude(TrainingTask task, Delivery delivery, TaskAttempt.End end) {
        return switch (end) {
            case FINISHED -> Outcome.ACCEPT;
            case SUPERSEDED -> {
                LOG.atWarn().addKeyValue("taskId", task.getTaskId()).log("another trainer has taken the task over");
                yield Outcome.ACCEPT;
            }
            case STOPPED ->
                returned(
                        task,
                        delivery,
                        delivery.stopReason()
                                .orElseGet(() -> order(task, delivery).reason()));
        };
    }

    private TaskReports.Order order(TrainingTask task, Delivery delivery) {
        return reports.order(task.getExperimentId(), delivery.topic());
    }

    private Outcome returned(TrainingTask task, Delivery delivery, String reason) {
        reports.result(result(task, bench.worker(), delivery, new TaskReturned(reason)));
        return Outcome.ACCEPT;
    }

    private static void requireOpen(TrainingTask task) {
        for (DataSplit split : List.of(task.getTrain(), task.getValidation())) {
            if (split.getSealed()) {
                throw new TaskRefused("split " + split.getName() + " is sealed; allowed are train and validation sets");
            }
        }
    }

    @Override
    public TaskProgress waiting(TrainingTask task) {
        return Progress.waiting(task, bench.worker());
    }

    @Override
    public void publishFailure(TrainingTask task, Delivery delivery, Throwable cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String unreadable = UnreadableObjectException.keyOf(cause).orElse(null);
        reports.result(
                result(task, bench.worker(), delivery, new TrainingFailed(reason, permanent(cause), unreadable, null)));
    }

    /** The same bytes would fail again, whoever tries. */
    static boolean permanent(Throwable cause) {
        return cause instanceof TaskRefused
                || cause instanceof UnreadableObjectException
                || cause instanceof WeightsException
                || cause instanceof PreparationException
                || cause instanceof IllegalArgumentException;
    }

    static TaskResult result(TrainingTask task, String worker, Delivery delivery, Object result) {
        return new TaskResult(
                task.getExperimentId(), task.getTaskId(), task.getAttempt(), worker, result, delivery.seconds());
    }

    /** A recorded result as it was, under the attempt that asks for it again. */
    private static TaskResult withAttempt(TaskResult known, TrainingTask task) {
        return TaskResult.newBuilder(known).setAttempt(task.getAttempt()).build();
    }
}
