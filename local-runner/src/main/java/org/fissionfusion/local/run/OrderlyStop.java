package org.fissionfusion.local.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C and SIGTERM end a run in order: the thread that runs it is interrupted, and the process waits until
 * services have handed their tasks back and the broker has closed its files.
 */
final class OrderlyStop implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 40;

    private final Thread runner = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("orderly-stop").unstarted(this::stop);
    private volatile boolean asked;

    private OrderlyStop() {}

    /** From now on until {@link #close} the calling thread is the one to stop. */
    static OrderlyStop install() {
        OrderlyStop stop = new OrderlyStop();
        Runtime.getRuntime().addShutdownHook(stop.hook);
        return stop;
    }

    /** True once the process was told to end: whatever fails from then on, fails because of that. */
    boolean asked() {
        return asked;
    }

    private void stop() {
        asked = true;
        runner.interrupt();
        try {
            boolean inOrder = closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            System.err.println(
                    inOrder
                            ? "fissionfusion: stopped; the same command goes on from here"
                            : "fissionfusion: the run did not stop in time; the same command still goes on");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending: the hook is what waited for this
        }
    }
}
