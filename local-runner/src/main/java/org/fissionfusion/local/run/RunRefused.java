package org.fissionfusion.local.run;

/** The user asked for something that can't be done as asked. The message is for the user as it stands. */
public final class RunRefused extends Exception {
    private static final long serialVersionUID = 1L;

    public RunRefused(String message) {
        super(message);
    }
}
