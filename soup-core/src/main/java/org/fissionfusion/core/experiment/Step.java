package org.fissionfusion.core.experiment;

import java.util.List;

/**
 * The outcome of one event: the next state and what to do.
 *
 * @param next null when there is no experiment yet and the event asks for none
 * @param changed false when the state is as it was before the event
 */
public record Step(Experiment next, boolean changed, List<ExperimentCommand> commands) {
    public Step {
        commands = List.copyOf(commands);
    }
}
