package org.fissionfusion.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.RecordedReports;
import org.fissionfusion.runtime.WatchedStore;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a task whose trainer dies, or seems to. */
class TakeOverTest {
    private static final int EPOCHS = 5;

    @TempDir
    private Path folder;

    @Test
    void goesOnToTheSameBytesWhereverATrainerWasKilled() throws Exception {
        Workshop undisturbed = Workshop.in(folder.resolve("undisturbed"));
        RecordedReports wanted = new RecordedReports();
        for (TrainingTask task : line(undisturbed, wanted)) {
            handle(undisturbed, task, wanted);
        }
        Random random = new Random(20261123);
        for (int round = 0; round < 3; round++) {
            Workshop workshop = Workshop.in(folder.resolve("round-" + round));
            RecordedReports reports = new RecordedReports();
            int kills = 0;
            for (TrainingTask task : line(workshop, reports)) {
                boolean before = random.nextBoolean();
                kill(workshop, task, reports, 1 + random.nextInt(EPOCHS - 1), before);
                kills++;
                handle(workshop, task, reports);
            }
            assertThat(kills).isEqualTo(2);
            assertThat(distinct(reports)).containsExactlyInAnyOrderElementsOf(distinct(wanted));
        }
    }

    @Test
    void passesOverADamagedState() throws Exception {
        Workshop workshop = Workshop.in(folder);
        TrainingTask task = workshop.fineTune(EPOCHS);
        RecordedReports reports = new RecordedReports();
        kill(workshop, task, reports, 3, false);
        TaskShelf shelf = shelf(workshop, task);
        assertThat(shelf.savedStates()).extracting(TaskShelf.SavedState::epoch).startsWith(3, 2);
        Path newest = workshop.store()
                .root()
                .resolve(shelf.savedStates().getFirst().object().key());
        newest.toFile().setWritable(true);
        Files.write(newest, new byte[] {1, 2, 3});

        handle(workshop, task, reports);

        TrainingCompleted completed = (TrainingCompleted) reports.last();
        assertThat(completed.getEpochs()).isEqualTo(EPOCHS);
        assertThat(completed.getImages()).isEqualTo(EPOCHS * 24L);
        Workshop undisturbed = Workshop.in(folder.resolve("undisturbed"));
        RecordedReports wanted = new RecordedReports();
        handle(undisturbed, task, wanted);
        assertThat(distinct(reports)).isEqualTo(distinct(wanted));
    }

    @Test
    void savesAndAnnouncesNothingOnceAnotherTrainerHasTheTask() throws Exception {
        Workshop workshop = Workshop.in(folder);
        TrainingTask task = workshop.fineTune(EPOCHS);
        RecordedReports zombie = new RecordedReports();
        AtomicInteger saves = new AtomicInteger();
        WatchedStore store = new WatchedStore(workshop.store(), key -> {}, key -> {
            if (saves.incrementAndGet() == 2) {
                shelf(workshop, task).claim("another");
            }
        });

        Outcome outcome = workshop.worker("zombie", store, zombie).handle(task, Workshop.delivery(task));

        assertThat(outcome).isEqualTo(Outcome.ACCEPT);
        assertThat(saves).hasValue(2);
        assertThat(zombie.results).isEmpty();
    }

    @Test
    void isSupersededByATrainerThatAlreadyFinished() throws Exception {
        Workshop workshop = Workshop.in(folder);
        TrainingTask task = workshop.fineTune(EPOCHS);
        RecordedReports zombie = new RecordedReports();
        RecordedReports other = new RecordedReports();
        AtomicInteger saves = new AtomicInteger();
        WatchedStore store = new WatchedStore(workshop.store(), key -> {}, key -> {
            if (saves.incrementAndGet() == 1) {
                finishElsewhere(workshop, task, other);
            }
        });

        workshop.worker("zombie", store, zombie).handle(task, Workshop.delivery(task));

        assertThat(zombie.results).isEmpty();
        assertThat(other.last()).isInstanceOf(TrainingCompleted.class);
    }

    private static void finishElsewhere(Workshop workshop, TrainingTask task, RecordedReports reports) {
        try {
            handle(workshop, task, reports);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A fine-tuning and the fission line of its checkpoint, made once the checkpoint is known. */
    private static Iterable<TrainingTask> line(Workshop workshop, RecordedReports reports) {
        return () -> new java.util.Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                return given < 2;
            }

            @Override
            public TrainingTask next() {
                return given++ == 0 ? workshop.fineTune(EPOCHS) : fission(workshop, reports);
            }
        };
    }

    private static TrainingTask fission(Workshop workshop, RecordedReports reports) {
        CheckpointSaved base = reports.checkpoints().getLast();
        return workshop.task(Stage.FISSION, base.getCheckpointId() + "/fission", EPOCHS)
                .setStartWeights(base.getFile())
                .setStartOptimizer(base.getOptimizerState())
                .build();
    }

    private static void kill(
            Workshop workshop, TrainingTask task, RecordedReports reports, int save, boolean beforeItIsSaved) {
        AtomicInteger before = new AtomicInteger();
        AtomicInteger after = new AtomicInteger();
        WatchedStore store = new WatchedStore(
                workshop.store(),
                key -> die(beforeItIsSaved && before.incrementAndGet() == save),
                key -> die(!beforeItIsSaved && after.incrementAndGet() == save));
        assertThatThrownBy(() -> workshop.worker("killed", store, reports).handle(task, Workshop.delivery(task)))
                .isInstanceOf(WatchedStore.Killed.class);
    }

    private static void die(boolean now) {
        if (now) {
            throw new WatchedStore.Killed();
        }
    }

    private static void handle(Workshop workshop, TrainingTask task, RecordedReports reports) throws Exception {
        workshop.worker("w", workshop.store(), reports).handle(task, Workshop.delivery(task));
    }

    private static TaskShelf shelf(Workshop workshop, TrainingTask task) {
        return new TaskShelf(workshop.store(), SerdeFactory.bundled().valuesOf(Topics.RESULTS), task);
    }

    /** Checkpoints by id and digest: a repeated announcement is the same one. */
    private static List<List<String>> distinct(RecordedReports reports) {
        return reports.results.stream()
                .map(TaskResult::getResult)
                .filter(CheckpointSaved.class::isInstance)
                .map(CheckpointSaved.class::cast)
                .map(saved -> List.of(saved.getCheckpointId(), sha(saved.getFile()), saved.getWeightsDigest()))
                .distinct()
                .toList();
    }

    private static String sha(StoredFile file) {
        return file.getSha256();
    }
}
