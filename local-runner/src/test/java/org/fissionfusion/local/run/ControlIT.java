package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.fissionfusion.core.experiment.Attempt;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TaskReturned;
import org.fissionfusion.events.TrainingFailed;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.local.chaos.ChaosLab;
import org.fissionfusion.local.chaos.Processes;
import org.fissionfusion.local.chaos.Role;
import org.fissionfusion.local.chaos.Verdict;
import org.fissionfusion.local.cluster.Commands;
import org.fissionfusion.local.cluster.LatestRows;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders and lost workers, across services that are processes of their own. */
class ControlIT {
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final String ID = "tiny";

    @TempDir
    private Path folder;

    private final Queue<TaskResult> results = new ConcurrentLinkedQueue<>();
    private final Queue<TrainingTask> trainings = new ConcurrentLinkedQueue<>();

    private interface Check {
        void in(ChaosLab lab) throws Exception;
    }

    private void with(Map<String, String> settings, Check check) throws Exception {
        FolderStore store = new FolderStore(folder.resolve("store"));
        var request = ChaosExperiment.request(folder.resolve("input"), store, settings);
        ChaosLab.Setting setting = new ChaosLab.Setting(
                folder.resolve("lab"), Map.of("store.uri", store.root().toString()), Map.of(), 1, false);
        try (ChaosLab lab = ChaosLab.open(setting, request);
                EventStream<TaskResult> _ = EventStream.start(
                        lab.clients(), Topics.RESULTS, event -> event.value().ifPresent(results::add));
                EventStream<TrainingTask> _ = EventStream.start(
                        lab.clients(),
                        Topics.TRAINING_TASKS,
                        event -> event.value().ifPresent(trainings::add))) {
            check.in(lab);
        }
    }

    private static String trainer(ChaosLab lab) throws InterruptedException {
        return lab.onlooker()
                .awaitWorker(ChaosExperiment::isMidEpoch, PATIENCE)
                .orElseThrow(() -> new AssertionError("the experiment ended before a trainer was in its second epoch"));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(10);
        }
    }

    @Test
    void aTrainerThatIsToldToStopHandsItsTaskBackAndHasNotFailed() throws Exception {
        with(Map.of(), lab -> {
            // When
            String stopped = trainer(lab);
            assertThat(lab.processes().stop(stopped, Processes.STOPPED_WITHIN))
                    .as("ends within 10 s")
                    .isTrue();

            // Then
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            assertThat(verdict.complaints(ChaosExperiment.undisturbed())).isEmpty();
            assertThat(lab.onlooker().experiment().tasks().values())
                    .filteredOn(task ->
                            task.attempts().stream().anyMatch(attempt -> attempt.outcome() == Attempt.Outcome.RETURNED))
                    .singleElement()
                    .satisfies(task -> {
                        assertThat(task.status()).isEqualTo(TaskRow.Status.DONE);
                        assertThat(task.failures()).isEmpty();
                        assertThat(task.attempts().getFirst().worker()).isEqualTo(stopped);
                        assertThat(task.attempts().getFirst().reason()).contains("shutting down");
                        assertThat(task.worker()).get().isNotEqualTo(stopped);
                    });
        });
    }

    @Test
    void aPausedExperimentIsWorkedOnByNobodyUntilItIsResumed() throws Exception {
        with(Map.of(), lab -> {
            // When
            trainer(lab);
            Commands commands = new Commands(lab.clients(), PATIENCE);
            commands.pause(ID, true);
            await("nobody works", () -> lab.onlooker().workers().isEmpty());
            int before = results.size();
            for (int i = 0; i < 30; i++) {
                Thread.sleep(100);
                assertThat(lab.onlooker().workers()).isEmpty();
            }
            assertThat(results).hasSize(before);
            commands.pause(ID, false);

            // Then
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            assertThat(verdict.complaints(ChaosExperiment.undisturbed())).isEmpty();
            assertThat(results)
                    .extracting(TaskResult::getResult)
                    .filteredOn(TaskReturned.class::isInstance)
                    .isNotEmpty()
                    .allSatisfy(returned ->
                            assertThat(((TaskReturned) returned).getReason()).contains("paused"));
        });
    }

    @Test
    void aCancelledExperimentIsLeftByEveryWorker() throws Exception {
        with(Map.of(), lab -> {
            // When
            trainer(lab);
            new Commands(lab.clients(), PATIENCE).cancel(ID, "enough");
            await("nobody works", () -> lab.onlooker().workers().isEmpty());

            // Then
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            assertThat(verdict.phase()).isEqualTo(Phase.CANCELLED.name());
            assertThat(verdict.reason()).isEqualTo("enough");
            assertThat(verdict.deadLetters()).isEmpty();
            int issued = trainings.size();
            for (int i = 0; i < 30; i++) {
                Thread.sleep(100);
                assertThat(lab.onlooker().workers()).isEmpty();
            }
            assertThat(trainings).hasSize(issued);
            assertThat(lab.processes().ended()).isEmpty();
        });
    }

    @Test
    void anExperimentOfHighPriorityIsWorkedOnBeforeTheOther() throws Exception {
        with(Map.of("training.fineTune.epochs", "40"), lab -> {
            // Given one trainer, at work for the first experiment and for longer than the other takes to reach it
            String busy = trainer(lab);
            for (String other : lab.processes().names(Role.TRAINER)) {
                if (!other.equals(busy)) {
                    lab.processes().kill(other);
                }
            }
            var urgent = ChaosExperiment.request(
                    folder.resolve("urgent"),
                    new FolderStore(folder.resolve("store")),
                    Map.of("experiment", "urgent", "strategies", "[best]"));

            // When
            Commands commands = new Commands(lab.clients(), PATIENCE);
            commands.submit(urgent);
            commands.prioritize("urgent", Priority.HIGH);

            // Then
            try (var statuses = LatestRows.read(lab.clients(), Topics.EXPERIMENT_STATUS)) {
                assertThat(statuses.await("urgent", ControlIT::completed, PATIENCE))
                        .isPresent();
                assertThat(statuses.row(ID).filter(ControlIT::completed)).isEmpty();
            }
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            assertThat(verdict.complaints(verdict.soups())).isEmpty();
            assertThat(verdict.soups()).hasSameSizeAs(ChaosExperiment.undisturbed());
            assertThat(results)
                    .filteredOn(result -> result.getExperimentId().equals(ID))
                    .extracting(TaskResult::getResult)
                    .filteredOn(TaskReturned.class::isInstance)
                    .anySatisfy(returned -> assertThat(((TaskReturned) returned).getReason())
                            .isEqualTo("a task of higher priority came"));
        });
    }

    private static boolean completed(ExperimentStatus status) {
        return status.getPhase().equals(Phase.COMPLETED.name());
    }

    @Test
    void aSpentBudgetBeginsNoTrainingOnAnyWorker() throws Exception {
        Map<String, String> longer = Map.of(
                "training.fineTune.epochs", "12",
                "training.fineTune.learningRates", "[1e-3, 5e-4, 1e-4]",
                "training.fission.epochs", "12",
                "strategies", "[best, uniform]",
                "budget.maxGpuSeconds", "12");
        with(longer, lab -> {
            // When
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);

            // Then
            Experiment experiment = lab.onlooker().experiment();
            assertThat(verdict.phase()).isEqualTo(Phase.COMPLETED.name());
            assertThat(verdict.soups()).isNotEmpty();
            assertThat(verdict.deadLetters()).isEmpty();
            assertThat(experiment.head().budgetSpent()).isTrue();
            assertThat(Cost.of(experiment).workerSeconds()).isGreaterThanOrEqualTo(12);
            assertThat(notes(experiment)).anySatisfy(note -> assertThat(note).contains("the budget is spent"));
            List<String> forbidden = experiment.tasks().values().stream()
                    .filter(task -> task.status() == TaskRow.Status.FAILED)
                    .filter(task -> task.reason().contains("budget of 12.0 GPU-seconds"))
                    .map(TaskRow::id)
                    .toList();
            assertThat(forbidden).isNotEmpty();
            assertThat(experiment.tasks().values())
                    .filteredOn(task -> task.work() instanceof Work.Trained && !forbidden.contains(task.id()))
                    .allSatisfy(task -> assertThat(task.status()).isEqualTo(TaskRow.Status.DONE));
            await(
                    "every task that was issued is read",
                    () -> trainings.size()
                            >= experiment.tasks().values().stream()
                                    .filter(task ->
                                            task.work() instanceof Work.Trained && !forbidden.contains(task.id()))
                                    .count());
            assertThat(trainings).extracting(TrainingTask::getTaskId).doesNotContainAnyElementsOf(forbidden);
        });
    }

    @Test
    void aTaskThatFailsOnThreeWorkersIsGivenUpAndTheRestGoesOn() throws Exception {
        Map<String, String> twoTrainings =
                Map.of("training.fission.epochs", "0", "strategies", "[best, uniform, greedy]");
        Path noFolder = Files.writeString(folder.resolve("no-folder"), "a file where trainers want a folder");
        with(twoTrainings, lab -> {
            // Given one trainer, with the last training in its hands
            lab.processes().kill("trainer-2");
            Map<String, TaskProgress> begun = new TreeMap<>();
            Optional<String> last = lab.onlooker()
                    .awaitWorker(
                            beat -> {
                                if (ChaosExperiment.isMidEpoch(beat)) {
                                    begun.put(beat.getTaskId(), beat);
                                }
                                return begun.size() == 2;
                            },
                            PATIENCE);
            assertThat(last).contains(ChaosLab.FAR_TRAINER);
            lab.processes().kill(ChaosLab.FAR_TRAINER);

            // When it falls to three others, each broken in the same way
            for (String broken : List.of("broken-1", "broken-2", "broken-3")) {
                lab.start(
                        Role.TRAINER,
                        broken,
                        Map.of("worker.folder", noFolder.resolve(broken).toString()));
                await(broken + " fails", () -> results.stream().anyMatch(result -> failed(result, broken)));
                lab.processes().stop(broken, PATIENCE); // in order, so that each of its failures is acknowledged
            }

            // Then
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            Experiment experiment = lab.onlooker().experiment();
            assertThat(verdict.phase()).isEqualTo(Phase.COMPLETED.name());
            assertThat(verdict.soups()).isNotEmpty();
            TaskRow lost = experiment.tasks().values().stream()
                    .filter(task -> task.status() == TaskRow.Status.FAILED)
                    .findFirst()
                    .orElseThrow();
            assertThat(lost.attempts())
                    .filteredOn(attempt -> attempt.outcome() == Attempt.Outcome.FAILED)
                    .extracting(Attempt::worker)
                    .contains("broken-1", "broken-2", "broken-3");
            assertThat(lost.attempts())
                    .allSatisfy(attempt -> assertThat(attempt.reason()).contains("no-folder"));
            assertThat(notes(experiment)).anySatisfy(note -> assertThat(note).contains(lost.id(), "was lost"));
        });
    }

    private static boolean failed(TaskResult result, String worker) {
        return result.getWorker().equals(worker) && result.getResult() instanceof TrainingFailed;
    }

    private static List<String> notes(Experiment experiment) {
        return ExperimentView.of(experiment).notes();
    }
}
