package org.fissionfusion.core.experiment;

import java.util.Optional;

/** What the state machine wants done. */
public sealed interface ExperimentCommand {

    /** Put the task on its work queue. */
    record IssueTask(TaskRow task) implements ExperimentCommand {}

    /** Tell subscribers that a soup is served. */
    record AnnounceSoup(SoupRow soup) implements ExperimentCommand {}

    /** Tell workers what they must know. */
    record PublishControl(boolean paused, boolean cancelled, Optional<String> selectionClosed, Priority priority)
            implements ExperimentCommand {}

    /** Tell watchers where the experiment stands. */
    record PublishStatus(Phase phase, String reason, int tasksDone, int tasksTotal) implements ExperimentCommand {}

    /** The event was refused; it goes to the dead letters. */
    record RefuseEvent(String reason) implements ExperimentCommand {}
}
