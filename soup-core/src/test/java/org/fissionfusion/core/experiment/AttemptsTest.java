package org.fissionfusion.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.fissionfusion.core.experiment.Attempt.Outcome;
import org.fissionfusion.core.experiment.TaskRow.Status;
import org.fissionfusion.core.request.ExperimentRequest;
import org.junit.jupiter.api.Test;

/** What attempts cost, who made them, and when there are no more. */
class AttemptsTest {
    private static final String PREFLIGHT = "exp-1/preflight";
    private static final String BASE = "exp-1/fine-tune/lr=1e-4/aug=heavy/seed=1";

    private Experiment experiment = Experiment.step(
                    Optional.empty(), new ExperimentEvent.Requested(Simulation.request("best")))
            .next();

    private TaskRow preflight() {
        return experiment.tasks().get(PREFLIGHT);
    }

    private void apply(ExperimentEvent event) {
        experiment = Experiment.step(Optional.of(experiment), event).next();
    }

    private void fails(String worker, boolean permanently) {
        apply(new ExperimentEvent.TaskFailed(
                PREFLIGHT,
                preflight().attempt(),
                worker,
                "broken",
                permanently,
                Optional.empty(),
                Optional.empty(),
                2));
    }

    private void goesSilent(String worker) {
        apply(new ExperimentEvent.TaskSilent(PREFLIGHT, preflight().attempt(), worker, false, 3));
    }

    private void isReturnedBy(String worker) {
        apply(new ExperimentEvent.TaskReturned(PREFLIGHT, preflight().attempt(), worker, "stopped", 1));
    }

    @Test
    void threeFailuresOnDifferentWorkersGiveATaskUp() {
        fails("a", false);
        fails("b", false);
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);

        fails("c", false);

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
        assertThat(preflight().reason()).isEqualTo("c: broken");
        assertThat(experiment.head().phase()).isEqualTo(Phase.REFUSED);
    }

    @Test
    void aBrokenWorkerAloneDoesNotGiveATaskUpWhileOthersAreKnown() {
        goesSilent("b");
        goesSilent("c");
        for (int i = 0; i < 8; i++) {
            fails("a", false);
            assertThat(preflight().status()).as("after failure %d", i + 1).isEqualTo(Status.ISSUED);
        }

        fails("a", false);

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void theOnlyWorkerGivesATaskUpAtItsThirdFailure() {
        fails("only", false);
        fails("only", false);
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);

        fails("only", false);

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void twoWorkersGiveATaskUpOnceBothHaveFailedIt() {
        goesSilent("b");
        fails("a", false);
        fails("a", false);
        fails("a", false);
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);

        fails("b", false);

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void aPermanentFailureGivesATaskUpAtOnce() {
        fails("a", true);

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void aRefusedRequestLeavesItsIdToAMendedOneThatHearsNothingOfIt() {
        fails("a", true);
        assertThat(experiment.head().phase()).isEqualTo(Phase.REFUSED);
        ExperimentEvent late = new ExperimentEvent.TaskFailed(
                PREFLIGHT, 1, "a", "broken", true, Optional.empty(), Optional.empty(), 2);

        Step mended =
                Experiment.step(Optional.of(experiment), new ExperimentEvent.Requested(Simulation.request("greedy")));
        experiment = mended.next();
        apply(late);

        assertThat(mended.changed()).isTrue();
        assertThat(mended.commands()).contains(new ExperimentCommand.IssueTask(preflight()));
        assertThat(preflight().attempt()).isEqualTo(2);
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);
        assertThat(experiment.head().phase()).isEqualTo(Phase.PREFLIGHT);
    }

    @Test
    void aTaskThatIsHandedBackIsIssuedAgainForEver() {
        for (int i = 0; i < 30; i++) {
            isReturnedBy("w" + i % 4);
            assertThat(preflight().status()).isEqualTo(Status.ISSUED);
        }
        assertThat(preflight().attempt()).isEqualTo(31);
        assertThat(preflight().failures()).isEmpty();
    }

    @Test
    void silenceIsNoEvidenceUntilThreeDifferentWorkersAreSilenced() {
        for (int i = 0; i < 4; i++) {
            goesSilent("a");
            goesSilent("b");
        }
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);
        assertThat(preflight().attempt()).isEqualTo(9);

        goesSilent("c");

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void aTaskThatKillsItsOnlyWorkerEndsSomeDay() {
        for (int i = 0; i < 8; i++) {
            goesSilent("only");
            assertThat(preflight().status()).isEqualTo(Status.ISSUED);
        }
        goesSilent("only");

        assertThat(preflight().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void aTakenOverAttemptGoesOnUnderItsNumber() {
        apply(new ExperimentEvent.TaskSilent(PREFLIGHT, 1, "killed", true, 3));
        assertThat(preflight().status()).isEqualTo(Status.ISSUED);
        assertThat(preflight().attempt()).isEqualTo(1);

        apply(done(PREFLIGHT, "heir"));

        assertThat(preflight().attempts())
                .extracting(Attempt::number, Attempt::worker, Attempt::outcome)
                .containsExactly(tuple(1, "killed", Outcome.SILENT), tuple(1, "heir", Outcome.DONE));
        assertThat(preflight().worker()).contains("heir");
    }

    private static ExperimentEvent done(String task, String worker) {
        return new ExperimentEvent.EvaluationCompleted(
                task,
                1,
                worker,
                new EvaluationSummary("", List.of(), Optional.empty(), Optional.empty(), Optional.empty(), 1, 0),
                1);
    }

    @Test
    void everyTaskEndsHoweverItsWorkersMisbehave() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int workers = 1 + random.nextInt(5);
            experiment = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(Simulation.request("best")))
                    .next();
            int events = 0;
            while (!preflight().settled()) {
                String worker = "w" + random.nextInt(workers);
                if (random.nextBoolean()) {
                    fails(worker, false);
                } else {
                    goesSilent(worker);
                }
                events++;
            }
            assertThat(events).as("seed %d", seed).isBetween(3, 17);
            assertThat(preflight().attempts()).as("seed %d", seed).hasSize(events);
        }
    }

    @Test
    void soupsAreTheSameWhateverAttemptsTheyTook() {
        ExperimentRequest request = Simulation.request("best", "greedy", "GoG");
        Experiment calm = new Simulation(0, Set.of()).run(request);

        for (int seed = 1; seed <= 30; seed++) {
            Experiment troubled = new Simulation(seed, Set.of()).troubled().run(request);

            assertThat(troubled.head().phase()).as("seed %d", seed).isEqualTo(Phase.COMPLETED);
            assertThat(troubled.soups()).as("seed %d", seed).isEqualTo(calm.soups());
            Set<Outcome> seen = troubled.tasks().values().stream()
                    .flatMap(row -> row.attempts().stream())
                    .map(Attempt::outcome)
                    .collect(Collectors.toCollection(HashSet::new));
            assertThat(seen).as("seed %d", seed).contains(Outcome.DONE).hasSizeGreaterThan(1);
        }
    }

    @Test
    void theBudgetCountsEveryAttemptAndNothingIsIssuedOnceItIsSpent() {
        Simulation simulation = new Simulation(3, Set.of()).stoppingBefore(Work.Fission.class);
        Experiment trained = simulation.run(Simulation.budgeted(1_000, "greedy"));
        double spent = Cost.of(trained).workerSeconds();
        assertThat(trained.head().budgetSpent()).isFalse();
        List<String> open = trained.tasks().values().stream()
                .filter(row -> row.work() instanceof Work.Fission && row.status() == Status.ISSUED)
                .map(TaskRow::id)
                .toList();
        assertThat(open).hasSize(4);

        experiment = trained;
        apply(new ExperimentEvent.TaskFailed(
                open.get(0), 1, "a", "broken", false, Optional.empty(), Optional.empty(), 400));
        apply(new ExperimentEvent.TaskReturned(open.get(1), 1, "a", "stopped", 400));
        assertThat(Cost.of(experiment).workerSeconds()).isEqualTo(spent + 800);
        assertThat(experiment.head().budgetSpent()).isFalse();
        apply(new ExperimentEvent.TaskSilent(open.get(2), 1, "b", false, 400));

        assertThat(experiment.head().budgetSpent()).isTrue();
        TaskRow abandoned = experiment.tasks().get(open.get(2));
        assertThat(abandoned.status()).isEqualTo(Status.FAILED);
        assertThat(abandoned.reason()).contains("budget");
        assertThat(experiment.tasks().get(open.get(3)).status())
                .as("what runs may end")
                .isEqualTo(Status.ISSUED);
    }

    @Test
    void scoringCountsForTheBudgetButCheckingTheRequestDoesNot() {
        apply(done(PREFLIGHT, "e"));
        assertThat(Cost.of(experiment).workerSeconds()).isZero();

        Experiment done = new Simulation(1, Set.of()).run(Simulation.request("best"));

        long counted = done.tasks().values().stream()
                .filter(row -> row.work() instanceof Work.Trained
                        || row.work() instanceof Work.Score
                        || row.work() instanceof Work.Serve)
                .count();
        assertThat(Cost.of(done).workerSeconds()).isEqualTo((double) counted);
    }

    @Test
    void aSpentBudgetEndsAnExperimentThatHasNoProbeYet() {
        experiment = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(Simulation.budgeted(5, "best")))
                .next();
        apply(done(PREFLIGHT, "e"));
        String probe = experiment.tasks().values().stream()
                .filter(row -> row.work() instanceof Work.Probe)
                .findFirst()
                .orElseThrow()
                .id();

        apply(new ExperimentEvent.TaskReturned(probe, 1, "a", "stopped", 6));

        assertThat(experiment.head().phase()).isEqualTo(Phase.FAILED);
        assertThat(experiment.head().reason()).contains("budget of 5.0");
    }

    @Test
    void aLateResultOfAnEarlierAttemptCounts() {
        goesSilent("slow");
        assertThat(preflight().attempt()).isEqualTo(2);

        apply(done(PREFLIGHT, "slow"));

        assertThat(preflight().status()).isEqualTo(Status.DONE);
        assertThat(preflight().worker()).contains("slow");
        fails("other", true);
        assertThat(preflight().status()).isEqualTo(Status.DONE);
    }

    @Test
    void namesTheWorkersOfEveryAttemptOfATraining() {
        Experiment done = new Simulation(5, Set.of(BASE)).run(Simulation.request("GoG", "greedy"));

        assertThat(done.tasks().get(BASE).attempts())
                .extracting(Attempt::number, Attempt::worker, Attempt::outcome, Attempt::reason)
                .contains(tuple(1, "w", Outcome.FAILED, "broken"))
                .hasSize(3);
    }
}
