package org.fissionfusion.evaluator;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.TaskProgress;

/** Says at a fixed pace that a task is being worked on: the planner takes silence for death. */
final class Heartbeats implements AutoCloseable {
    private final TaskProgress progress;
    private final Consumer<TaskProgress> sink;
    private final ScheduledExecutorService clock;

    Heartbeats(EvaluationTask task, String worker, Duration pace, Consumer<TaskProgress> sink) {
        this.progress = new TaskProgress(
                task.getExperimentId(),
                task.getTaskId(),
                task.getAttempt(),
                worker,
                task.getWork().getClass().getSimpleName().toLowerCase(Locale.ROOT),
                0.0,
                0,
                0,
                0,
                0,
                0.0,
                0.0,
                -1.0);
        this.sink = sink;
        this.clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("heartbeats").factory());
        var _ = clock.scheduleAtFixedRate(this::send, pace.toMillis(), pace.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void send() {
        try {
            sink.accept(progress);
        } catch (RuntimeException lost) {
            // An exception would end the schedule; the next heartbeat says it all again.
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
