package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Notices that the wall clock was put back. Kafka's clients plan their next heartbeat by the wall clock: put back by
 * hours it lets them wait for hours, without an error, while the brokers take them for dead.
 */
final class ClockWatch {
    /** Clients bear less than this, as they bear a slow answer. */
    private static final Duration BORNE = Duration.ofSeconds(10);

    private final LongSupplier wallMillis;
    private final LongSupplier nanos;
    private long latestAheadMillis;

    ClockWatch(LongSupplier wallMillis, LongSupplier nanos) {
        this.wallMillis = wallMillis;
        this.nanos = nanos;
        this.latestAheadMillis = aheadMillis();
    }

    /** How far the clock was put back since the last look; empty when clients bear it. */
    Optional<Duration> putBack() {
        long ahead = aheadMillis();
        Duration back = Duration.ofMillis(latestAheadMillis - ahead);
        latestAheadMillis = ahead;
        return back.compareTo(BORNE) > 0 ? Optional.of(back) : Optional.empty();
    }

    /** The wall clock's lead over the time that is measured. */
    private long aheadMillis() {
        return wallMillis.getAsLong() - Duration.ofNanos(nanos.getAsLong()).toMillis();
    }
}
