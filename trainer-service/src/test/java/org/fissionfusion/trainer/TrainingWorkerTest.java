package org.fissionfusion.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.events.Augmentation;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.TaskReturned;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingFailed;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.CorruptObjectException;
import org.fissionfusion.runtime.Deliveries;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.Outages;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.RecordedReports;
import org.fissionfusion.runtime.StoreFullException;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.runtime.TaskReports;
import org.fissionfusion.runtime.WatchedStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingWorkerTest {
    @TempDir
    private Path folder;

    private final Deliveries deliveries = new Deliveries("training-tasks");
    private Workshop workshop;
    private RecordedReports reports;

    @BeforeEach
    void open() {
        workshop = Workshop.in(folder);
        reports = new RecordedReports();
    }

    @Test
    void announcesTheCheckpointOfALinearProbeAndThenItsEnd() throws Exception {
        TrainingTask task =
                workshop.task(Stage.LINEAR_PROBE, "exp-42/probe/seed=1", 2).build();

        Outcome outcome = train(task);

        assertThat(outcome).isEqualTo(Outcome.ACCEPT);
        CheckpointSaved checkpoint = reports.checkpoints().getFirst();
        assertThat(checkpoint.getCheckpointId()).isEqualTo("exp-42/probe/seed=1");
        assertThat(checkpoint.getOptimizerState()).isNull();
        TrainingCompleted completed = (TrainingCompleted) reports.last();
        assertThat(completed.getEpochs()).isEqualTo(2);
        assertThat(completed.getImages()).isEqualTo(48);
        assertThat(completed.getLog()).hasSize(2);
        assertThat(completed.getPlatform()).containsKeys("engine", "device", "threads", "precision");
        assertThat(workshop.store().list("state/")).isEmpty();
        assertThat(deliveries.progress()).isNotEmpty();
    }

    @Test
    void givesASoupBackWithTheBatchNormStatisticsOfTheTrainingImages() throws Exception {
        // Given
        train(workshop.fineTune(1));
        CheckpointSaved soup = reports.checkpoints().getFirst();
        TrainingTask task = workshop.task(Stage.BATCH_NORM, "exp-42/soup/uniform/batch-norm", 0)
                .setStartWeights(soup.getFile())
                .setAugmentation(Augmentation.NONE)
                .build();

        // When
        train(task);
        train(TrainingTask.newBuilder(task).setAttempt(2).build());

        // Then
        CheckpointSaved estimated = reports.checkpoints().get(1);
        assertThat(estimated.getCheckpointId()).isEqualTo("exp-42/soup/uniform/batch-norm");
        assertThat(estimated.getWeightsDigest()).isNotEqualTo(soup.getWeightsDigest());
        assertThat(reports.checkpoints().get(2)).isEqualTo(estimated);
        assertThat(((TrainingCompleted) reports.last()).getEpochs()).isZero();
        try (SafetensorsFile before =
                        SafetensorsFile.open(workshop.store().verified(StoredObject.from(soup.getFile())));
                SafetensorsFile after =
                        SafetensorsFile.open(workshop.store().verified(StoredObject.from(estimated.getFile())))) {
            assertThat(after.metadata())
                    .containsEntry("stage", "batch-norm")
                    .containsEntry("startWeightsDigest", soup.getWeightsDigest())
                    .containsEntry("train", task.getTrain().getFile().getSha256());
            for (var tensor : before.tensors()) {
                boolean same = before.bytes(tensor.name()).mismatch(after.bytes(tensor.name())) < 0;
                assertThat(same).as(tensor.name()).isEqualTo(!tensor.name().contains("running_"));
            }
        }
        assertThat(workshop.store().list("state/")).isEmpty();
    }

    @Test
    void writesLineageThatDependsOnTheTaskAlone() throws Exception {
        train(workshop.fineTune(1));

        StoredObject file = StoredObject.from(reports.checkpoints().getFirst().getFile());
        try (SafetensorsFile checkpoint = SafetensorsFile.open(workshop.store().verified(file))) {
            assertThat(checkpoint.metadata())
                    .containsEntry("experiment", "exp-42")
                    .containsEntry("checkpoint", "exp-42/fine-tune/lr=1e-3/aug=minimal/seed=1")
                    .containsEntry("stage", "fine-tune")
                    .containsEntry("learningRate", "0.001")
                    .containsEntry("augmentation", "minimal")
                    .containsEntry("seed", "1")
                    .containsEntry("cycle", "0")
                    .containsKey("startWeightsDigest");
        }
    }

    @Test
    void letsFissionInheritTheOptimizerAndAnnouncesEveryCycle() throws Exception {
        train(workshop.fineTune(2));
        CheckpointSaved base = reports.checkpoints().getFirst();
        assertThat(base.getOptimizerState()).isNotNull();
        TrainingTask fission = workshop.task(Stage.FISSION, base.getCheckpointId() + "/fission", 4)
                .setStartWeights(base.getFile())
                .setStartOptimizer(base.getOptimizerState())
                .build();

        train(fission);

        assertThat(reports.checkpoints())
                .extracting(CheckpointSaved::getCheckpointId)
                .containsExactly(
                        base.getCheckpointId(),
                        base.getCheckpointId() + "/cycle=1",
                        base.getCheckpointId() + "/cycle=2");
        assertThat(reports.last()).isInstanceOf(TrainingCompleted.class);
    }

    @Test
    void announcesTheSameBytesWithoutTrainingWhenAFinishedTaskComesAgain() throws Exception {
        TrainingTask task = workshop.fineTune(2);
        train(task);
        RecordedReports again = new RecordedReports();
        int beats = deliveries.progress().size();

        workshop.worker("other", workshop.store(), again).handle(task, deliveries.of(task.getTaskId()));

        assertThat(again.results).isEqualTo(reports.results);
        assertThat(deliveries.progress()).hasSize(beats);
    }

    @Test
    void makesAResultAgainThatAKilledStoreKeptOnlyHalfOf() throws Exception {
        // Given
        TrainingTask task = workshop.fineTune(2);
        train(task);
        for (String outcome : workshop.store().list("outcomes/training/")) {
            Files.write(workshop.store().root().resolve(outcome), new byte[0]);
        }
        RecordedReports again = new RecordedReports();

        // When
        workshop.worker("other", workshop.store(), again).handle(task, deliveries.of(task.getTaskId()));

        // Then
        assertThat(again.checkpoints()).isEqualTo(reports.checkpoints());
        assertThat(again.last()).isInstanceOf(TrainingCompleted.class);
    }

    @Test
    void refusesSealedSplits() {
        DataSplit sealed = DataSplit.newBuilder(workshop.validation())
                .setName("test")
                .setSealed(true)
                .build();
        TrainingTask task = TrainingTask.newBuilder(workshop.fineTune(1))
                .setValidation(sealed)
                .build();

        assertThatThrownBy(() -> train(task)).isInstanceOf(TaskRefused.class).hasMessageContaining("test is sealed");
    }

    @Test
    void failsForGoodWhenAFileWasAltered() throws Exception {
        TrainingTask task = workshop.fineTune(1);
        Path weights = workshop.store().root().resolve(workshop.weights().getKey());
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        weights.toFile().setWritable(true);
        Files.write(weights, bytes);

        assertThatThrownBy(() -> train(task)).isInstanceOf(CorruptObjectException.class);
        assertThat(failure(task).getPermanent()).isTrue();
    }

    @Test
    void endsADivergedTaskWithItsReason() throws Exception {
        train(TrainingTask.newBuilder(workshop.fineTune(3))
                .setLearningRate(1e30)
                .build());

        TrainingFailed failed = (TrainingFailed) reports.last();
        assertThat(failed.getPermanent()).isTrue();
        assertThat(failed.getReason()).isNotBlank();
    }

    @Test
    void waitsWhenTheDiskIsFull() {
        TrainingTask task = workshop.fineTune(1);
        WatchedStore full = new WatchedStore(
                workshop.store(),
                key -> {
                    throw new StoreFullException(folder, null);
                },
                key -> {});

        assertThatThrownBy(() -> workshop.worker("w", full, reports).handle(task, deliveries.of(task.getTaskId())))
                .satisfies(thrown -> assertThat(Outages.isOutage(thrown)).isTrue())
                .hasMessageContaining("disk full");
    }

    @Test
    void handsATaskBackWhilePausedCancelledMovedOrStopping() throws Exception {
        TrainingTask task = workshop.fineTune(1);
        reports.order = TaskReports.Order.PAUSED;
        train(task);
        assertThat(((TaskReturned) reports.last()).getReason()).contains("paused");

        reports.order = TaskReports.Order.CANCELLED;
        train(task);
        assertThat(((TaskReturned) reports.last()).getReason()).contains("cancelled");

        reports.order = TaskReports.Order.MOVED;
        train(task);
        assertThat(((TaskReturned) reports.last()).getReason()).contains("high priority");

        reports.order = TaskReports.Order.WORK;
        Delivery stopping = deliveries.of(task.getTaskId(), () -> true);
        workshop.worker("w", workshop.store(), reports).handle(task, stopping);
        assertThat(((TaskReturned) reports.last()).getReason()).isEqualTo("stopped by a test");
    }

    private Outcome train(TrainingTask task) throws Exception {
        TrainingWorker worker = workshop.worker("w", workshop.store(), reports);
        try {
            return worker.handle(task, deliveries.of(task.getTaskId()));
        } catch (Exception e) {
            worker.publishFailure(task, deliveries.of(task.getTaskId()), e);
            throw e;
        }
    }

    private TrainingFailed failure(TrainingTask task) {
        assertThat(reports.results.getLast().getTaskId()).isEqualTo(task.getTaskId());
        return (TrainingFailed) reports.last();
    }
}
