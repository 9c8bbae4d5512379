package org.fissionfusion.evaluator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.events.EvaluationFailed;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TaskReturned;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.RecordedResults;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.runtime.TaskReports;
import org.fissionfusion.runtime.UnreadableObjectException;
import org.fissionfusion.runtime.WorkHandler;

/**
 * Answers evaluation tasks. An answer is recorded in the store before it is published, so that a task delivered again
 * is answered with the same bytes and without any work.
 */
final class EvaluationWorker implements WorkHandler<EvaluationTask> {
    private final String worker;
    private final ObjectStore store;
    private final RecordedResults recorded;
    private final Evaluation evaluation;
    private final TaskReports reports;

    EvaluationWorker(
            String worker, ObjectStore store, Serde<TaskResult> format, Evaluation evaluation, TaskReports reports) {
        this.worker = worker;
        this.store = store;
        this.recorded = new RecordedResults(store, format);
        this.evaluation = evaluation;
        this.reports = reports;
    }

    @Override
    public Outcome handle(EvaluationTask task, Delivery delivery) throws Exception {
        TaskReports.Order order = reports.order(task.getExperimentId(), delivery.topic());
        if (order != TaskReports.Order.WORK) {
            reports.result(answer(task, delivery, new TaskReturned(order.reason())));
            return Outcome.ACCEPT;
        }
        if (delivery.stopRequested()) {
            return Outcome.RELEASE;
        }
        store.release(); // the files of the last task; what is still kept in memory was mapped
        String key = outcomeKey(task);
        TaskResult known = recorded.read(key).orElse(null);
        if (known == null) {
            known = recorded.record(key, answer(task, delivery, evaluation.work(task, System.nanoTime())));
        }
        reports.result(
                TaskResult.newBuilder(known).setAttempt(task.getAttempt()).build());
        return Outcome.ACCEPT;
    }

    @Override
    public TaskProgress waiting(EvaluationTask task) {
        String kind = task.getWork().getClass().getSimpleName().toLowerCase(Locale.ROOT);
        return TaskProgress.newBuilder()
                .setExperimentId(task.getExperimentId())
                .setTaskId(task.getTaskId())
                .setAttempt(task.getAttempt())
                .setWorker(worker)
                .setStage(kind)
                .setLearningRate(0)
                .setEpoch(0)
                .setEpochs(0)
                .setStep(0)
                .setSteps(0)
                .setLoss(0)
                .setImagesPerSecond(0)
                .setSecondsLeft(-1)
                .build();
    }

    @Override
    public void publishFailure(EvaluationTask task, Delivery delivery, Throwable cause) {
        String unreadable = UnreadableObjectException.keyOf(cause).orElse(null);
        reports.result(answer(task, delivery, new EvaluationFailed(reason(cause), permanent(cause), unreadable)));
    }

    @Override
    public void close() {
        evaluation.close();
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** The same bytes would fail again, whoever tries. */
    static boolean permanent(Throwable cause) {
        return cause instanceof TaskRefused
                || cause instanceof UnreadableObjectException
                || cause instanceof WeightsException;
    }

    private TaskResult answer(EvaluationTask task, Delivery delivery, Object result) {
        return new TaskResult(
                task.getExperimentId(), task.getTaskId(), task.getAttempt(), worker, result, delivery.seconds());
    }

    /** Covers all of the task but its attempt: a task of another content has another outcome. */
    private static String outcomeKey(EvaluationTask task) {
        try {
            ByteBuffer bytes =
                    EvaluationTask.newBuilder(task).setAttempt(0).build().toByteBuffer();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes);
            return "outcomes/evaluation/" + task.getTaskId() + "/"
                    + HexFormat.of().formatHex(digest.digest()).substring(0, 16) + ".avro";
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a decoded task can be encoded and hashed", e);
        }
    }
}
