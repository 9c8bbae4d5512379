package org.fissionfusion.core.experiment;

import java.util.List;

/** The outcome of one event: the next state and what to do. An unchanged state means the event changed nothing. */
public record Step(Experiment next, List<ExperimentCommand> commands) {
    public Step {
        commands = List.copyOf(commands);
    }
}
