package org.fissionfusion.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.Attempt.Outcome;
import org.fissionfusion.core.experiment.ExperimentCommand.IssueTask;
import org.fissionfusion.core.experiment.ExperimentCommand.PublishControl;
import org.fissionfusion.core.experiment.ExperimentCommand.PublishStatus;
import org.fissionfusion.core.experiment.TaskRow.Status;
import org.junit.jupiter.api.Test;

class PriorityTest {
    private static final String PREFLIGHT = "exp-1/preflight";

    private Experiment experiment = Experiment.step(
                    Optional.empty(), new ExperimentEvent.Requested(Simulation.request("best")))
            .next();

    private List<ExperimentCommand> apply(ExperimentEvent event) {
        Step step = Experiment.step(Optional.of(experiment), event);
        experiment = step.next();
        return step.commands();
    }

    private TaskRow preflight() {
        return experiment.tasks().get(PREFLIGHT);
    }

    @Test
    void issuesWhatWaitsAgainOnceAndTellsWorkersAndWatchers() {
        List<ExperimentCommand> commands = apply(new ExperimentEvent.Prioritized(Priority.HIGH));

        assertThat(commands)
                .hasExactlyElementsOfTypes(PublishControl.class, PublishStatus.class, IssueTask.class)
                .contains(
                        new PublishControl(false, false, Optional.empty(), Priority.HIGH), new IssueTask(preflight()));
        assertThat(preflight().attempt()).isEqualTo(2);
        assertThat(apply(new ExperimentEvent.Prioritized(Priority.HIGH))).isEmpty();
    }

    @Test
    void movesNothingDown() {
        apply(new ExperimentEvent.Prioritized(Priority.HIGH));

        assertThat(apply(new ExperimentEvent.Prioritized(Priority.NORMAL)))
                .hasExactlyElementsOfTypes(PublishControl.class, PublishStatus.class);
        assertThat(experiment.head().priority()).isEqualTo(Priority.NORMAL);
    }

    @Test
    void issuesWhatWaitsOnlyWhenAPausedExperimentGoesOn() {
        apply(new ExperimentEvent.Paused());

        assertThat(apply(new ExperimentEvent.Prioritized(Priority.HIGH)))
                .doesNotHaveAnyElementsOfTypes(IssueTask.class);
        assertThat(apply(new ExperimentEvent.Resumed())).contains(new IssueTask(preflight()));
    }

    @Test
    void notesTheAttemptThatWasHandedBackOnceAndIssuesNothingForIt() {
        apply(new ExperimentEvent.Prioritized(Priority.HIGH));
        ExperimentEvent returned = new ExperimentEvent.TaskReturned(PREFLIGHT, 1, "w", "moved", 4);

        assertThat(apply(returned)).isEmpty();
        apply(returned);

        assertThat(preflight().attempts()).containsExactly(new Attempt(1, "w", Outcome.RETURNED, "moved", 4));
        assertThat(preflight().attempt()).isEqualTo(2);
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);
    }

    @Test
    void takesTheAnswerOfTheAttemptBefore() {
        apply(new ExperimentEvent.Prioritized(Priority.HIGH));

        apply(new ExperimentEvent.EvaluationCompleted(
                PREFLIGHT,
                1,
                "w",
                new EvaluationSummary("", List.of(), Optional.empty(), Optional.empty(), Optional.empty(), 1, 0),
                1));

        assertThat(preflight().status()).isEqualTo(Status.DONE);
        assertThat(experiment.head().phase()).isEqualTo(Phase.PROBING);
    }

    @Test
    void leavesAnEndedExperimentAsItIs() {
        apply(new ExperimentEvent.Cancelled("enough"));

        assertThat(apply(new ExperimentEvent.Prioritized(Priority.HIGH))).isEmpty();
        assertThat(experiment.head().priority()).isEqualTo(Priority.NORMAL);
    }
}
