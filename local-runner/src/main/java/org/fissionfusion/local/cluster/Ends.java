package org.fissionfusion.local.cluster;

import java.util.Set;
import org.fissionfusion.events.ExperimentStatus;

/** Phases in which nothing happens any more. */
public final class Ends {
    private static final Set<String> PHASES = Set.of("COMPLETED", "REFUSED", "CANCELLED", "FAILED", "BLOCKED");

    private Ends() {}

    /** True when nothing more comes of the experiment. */
    public static boolean reached(ExperimentStatus status) {
        return PHASES.contains(status.getPhase());
    }
}
