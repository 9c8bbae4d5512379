package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.fissionfusion.events.TaskProgress;

/**
 * Sends a task's latest progress at once and then at a fixed pace, whether or not it moved: the planner takes silence
 * for death, and copying a large file, saving a state or waiting for an outage to pass is not death.
 */
final class Heartbeats implements AutoCloseable {
    /** At least one a second. */
    static final Duration PACE = Duration.ofMillis(900);

    private final AtomicReference<TaskProgress> latest;
    private final Consumer<TaskProgress> sink;
    private final ScheduledExecutorService clock;

    Heartbeats(TaskProgress first, Duration pace, Consumer<TaskProgress> sink) {
        this.latest = new AtomicReference<>(first);
        this.sink = sink;
        this.clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("heartbeats").factory());
        var _ = clock.scheduleAtFixedRate(this::send, 0, pace.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Replaces what the next heartbeat says. */
    void update(TaskProgress progress) {
        latest.set(progress);
    }

    private void send() {
        try {
            sink.accept(latest.get());
        } catch (RuntimeException lost) {
            // An exception would end the schedule; the next heartbeat says it all again.
        }
    }

    /** Ends with a last word, so that silence from now on alarms nobody. */
    @Override
    public void close() {
        clock.shutdownNow();
        latest.updateAndGet(
                progress -> TaskProgress.newBuilder(progress).setOver(true).build());
        send();
    }
}
