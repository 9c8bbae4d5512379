package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClockWatchTest {
    private Duration wall = Duration.ofDays(20_000);
    private Duration measured = Duration.ofHours(7);

    @Test
    void noticesOnceThatTheClockWasPutBackAndMindsNoOtherChange() {
        ClockWatch watch = new ClockWatch(() -> wall.toMillis(), () -> measured.toNanos());
        pass(Duration.ofMinutes(10));
        assertThat(watch.putBack()).isEmpty();

        wall = wall.plusHours(30);
        assertThat(watch.putBack()).as("put forward").isEmpty();

        wall = wall.minusSeconds(2);
        assertThat(watch.putBack()).as("corrected a little").isEmpty();

        wall = wall.minusHours(33);
        assertThat(watch.putBack()).contains(Duration.ofHours(33));
        pass(Duration.ofSeconds(1));
        assertThat(watch.putBack()).isEmpty();
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        measured = measured.plus(time);
    }
}
