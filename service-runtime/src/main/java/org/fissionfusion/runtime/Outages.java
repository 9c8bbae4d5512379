package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells outages, which pass, from failures, which do not; and waits outages out. */
public final class Outages {
    private static final Logger LOG = LoggerFactory.getLogger(Outages.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private Outages() {}

    /** Broker, registry or store out of reach or refusing access, or a full disk: the same call may succeed later. */
    public static boolean isOutage(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof RetriableException
                    || cause instanceof StoreOutageException
                    || cause instanceof StoreAccessException
                    || cause instanceof StoreFullException) {
                return true;
            }
        }
        return false;
    }

    /**
     * Calls until it returns or throws something that is no outage.
     *
     * @param stop asked between attempts; once true the outage is thrown
     */
    public static <T> T waitOut(String what, BooleanSupplier stop, Callable<T> call) throws Exception {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return call.call();
            } catch (Exception e) {
                if (!isOutage(e) || stop.getAsBoolean()) {
                    throw e;
                }
                LOG.atWarn()
                        .addKeyValue("what", what)
                        .addKeyValue("retryInMillis", pause.toMillis())
                        .addKeyValue("reason", e.getMessage())
                        .log("waiting for an outage to pass");
                sleep(pause, stop);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private static void sleep(Duration pause, BooleanSupplier stop) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        while (System.nanoTime() < end && !stop.getAsBoolean()) {
            Thread.sleep(50);
        }
    }
}
