package org.fissionfusion.local.run;

/** A run was told to stop, by Ctrl-C or SIGTERM; the process says so as it ends. */
public final class RunStopped extends InterruptedException {
    private static final long serialVersionUID = 1L;

    /** @param failure in which the run ended then */
    RunStopped(Throwable failure) {
        super("the run was told to stop");
        addSuppressed(failure);
    }
}
