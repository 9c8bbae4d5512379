package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.fissionfusion.events.TaskProgress;
import org.junit.jupiter.api.Test;

class HeartbeatsTest {
    private final BlockingQueue<TaskProgress> sent = new LinkedBlockingQueue<>();

    private static TaskProgress progress(int step) {
        return new TaskProgress("exp", "task", 1, "w", "fine-tune", 0.0, 0, 0, step, 10, 0.0, 0.0, -1.0, false);
    }

    @Test
    void sendsTheFirstOneAtOnce() throws Exception {
        try (Heartbeats _ = new Heartbeats(progress(0), Duration.ofDays(1), sent::add)) {
            assertThat(sent.poll(30, TimeUnit.SECONDS)).isEqualTo(progress(0));
        }
    }

    @Test
    void saysThatItIsTheLastOneWhenTheTaskHasEnded() {
        new Heartbeats(progress(0), Duration.ofDays(1), sent::add).close();

        assertThat(sent).last().satisfies(last -> assertThat(last.getOver()).isTrue());
    }

    @Test
    void repeatsTheLatestAlsoAfterOneWasLost() throws Exception {
        BlockingQueue<TaskProgress> offered = new LinkedBlockingQueue<>();
        try (Heartbeats beats = new Heartbeats(progress(0), Duration.ofMillis(1), beat -> {
            offered.add(beat);
            if (offered.size() == 1) {
                throw new IllegalStateException("no broker");
            }
            sent.add(beat);
        })) {
            assertThat(sent.poll(30, TimeUnit.SECONDS)).isEqualTo(progress(0));
            beats.update(progress(3));
            TaskProgress latest = progress(0);
            while (latest.equals(progress(0))) {
                latest = sent.poll(30, TimeUnit.SECONDS);
            }
            assertThat(latest).isEqualTo(progress(3));
        }
    }
}
