package org.fissionfusion.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.EpochLog;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingFailed;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.DiskSpace;
import org.fissionfusion.runtime.StoreFullException;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskReports;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Precision;
import org.fissionfusion.vision.model.TorchEngine;
import org.fissionfusion.vision.training.BatchNormEstimate;
import org.fissionfusion.vision.training.StateFolder;
import org.fissionfusion.vision.training.StepProgress;
import org.fissionfusion.vision.training.TrainingListener;
import org.fissionfusion.vision.training.TrainingOutcome;
import org.fissionfusion.vision.training.TrainingPlan;
import org.fissionfusion.vision.training.TrainingRun;
import org.fissionfusion.vision.training.TrainingStart;

/** One trainer's work on one task: from the claim to the recorded end, or until it must stop. */
final class TaskAttempt {
    private final TrainingTask task;
    private final TrainingWorker.Bench bench;
    private final TaskShelf shelf;
    private final TaskReports reports;
    private final Delivery delivery;

    TaskAttempt(
            TrainingTask task, TrainingWorker.Bench bench, TaskShelf shelf, TaskReports reports, Delivery delivery) {
        this.task = task;
        this.bench = bench;
        this.shelf = shelf;
        this.reports = reports;
        this.delivery = delivery;
    }

    /** How it ended for this trainer. */
    enum End {
        /** The task is over and its results are published. */
        FINISHED,
        /** Another trainer has claimed it. */
        SUPERSEDED,
        /** Told to stop; the last epoch's state is saved. */
        STOPPED
    }

    /** True for the results after which nothing more comes of a task. */
    static boolean ends(Object result) {
        return result instanceof TrainingCompleted || result instanceof TrainingFailed;
    }

    End run() throws IOException, PreparationException {
        try {
            return inScratchFolder();
        } catch (SupersededException e) {
            return End.SUPERSEDED;
        } catch (IOException | UncheckedIOException e) {
            if (DiskSpace.isFull(bench.scratch(), e)) {
                throw new StoreFullException(bench.scratch(), e);
            }
            throw e;
        }
    }

    private End inScratchFolder() throws IOException, PreparationException {
        Path scratch = Files.createTempDirectory(Files.createDirectories(bench.scratch()), "task-");
        try {
            return task.getStage() == Stage.BATCH_NORM ? reestimate() : train(scratch);
        } finally {
            deleteFolder(scratch);
        }
    }

    private End train(Path scratch) throws IOException, PreparationException {
        TrainingPlan plan = Plans.of(
                task,
                bench.threads(),
                script -> bench.store().verified(new StoredObject(script.key(), script.sha256(), script.bytes())));
        Path weights = file(task.getStartWeights());
        try (PreparedSet train = PreparedSet.open(file(task.getTrain().getFile()));
                PreparedSet validation =
                        PreparedSet.open(file(task.getValidation().getFile()))) {
            TrainingRun run = new TrainingRun(plan, train, validation, StateFolder.at(scratch));
            Claim claim = new Claim(shelf, shelf.claim(bench.worker()), bench.worker());
            AttemptListener listener = new AttemptListener(
                    task, digest(weights), plan, this::announce, new Epochs(claim, delivery.progress()));
            TrainingOutcome outcome = run.run(start(weights), listener, this::mustStop);
            return end(outcome, claim);
        }
    }

    /** Takes a soup's weights and gives them back with BatchNorm statistics of the training images. */
    private End reestimate() throws IOException, PreparationException {
        long begun = System.nanoTime();
        BatchNormEstimate estimate = Plans.estimate(task, bench.threads());
        Architecture architecture = Architecture.named(task.getArchitecture(), task.getImageSize());
        ModelWeights soup = ModelWeights.read(file(task.getStartWeights()), architecture, task.getClasses());
        try (PreparedSet train = PreparedSet.open(file(task.getTrain().getFile()))) {
            Claim claim = new Claim(shelf, shelf.claim(bench.worker()), bench.worker());
            TrainingListener listener = new TrainingListener() {
                @Override
                public void onStep(StepProgress progress) {
                    delivery.progress().accept(Progress.of(task, bench.worker(), progress));
                }
            };
            Optional<ModelWeights> estimated = estimate.of(soup, train, listener, this::mustStop);
            if (estimated.isEmpty()) {
                return End.STOPPED;
            }
            ModelWeights weights = estimated.get();
            Map<String, String> lineage = CheckpointNames.reestimated(task, soup.digest());
            announce(
                    new AttemptListener.Checkpoint(
                            0, 0, target -> weights.write(target, lineage), weights.digest(), Optional.empty(), 0),
                    claim);
            double seconds = (System.nanoTime() - begun) / 1e9;
            return finish(
                    new TrainingCompleted(
                            0, (long) train.size(), seconds, false, List.of(), TorchEngine.platform(Precision.FP32)),
                    claim);
        }
    }

    /** What an attempt needs at the end of an epoch. */
    record Epochs(Claim claim, Consumer<TaskProgress> heartbeat) {}

    /** The right to save and publish, checked before either. */
    record Claim(TaskShelf shelf, int number, String worker) {
        void require() {
            if (!shelf.holds(number)) {
                throw new SupersededException();
            }
        }

        void save(int epoch, Path state) throws IOException {
            require();
            shelf.saveState(epoch, state);
        }
    }

    private TrainingStart start(Path weights) {
        TrainingStart start = TrainingStart.from(weights);
        if (task.getStartOptimizer() != null) {
            start = start.inheriting(file(task.getStartOptimizer()));
        }
        Optional<Path> state = shelf.newestState();
        return state.isPresent() ? start.resuming(state.get()) : start;
    }

    private boolean mustStop() {
        return delivery.stopRequested()
                || reports.order(task.getExperimentId(), delivery.topic()) != TaskReports.Order.WORK;
    }

    /** Stores a checkpoint's files, records the event, publishes what was recorded. */
    private void announce(AttemptListener.Checkpoint checkpoint, Claim claim) {
        StoredObject weights = bench.store().put("checkpoints", ".safetensors", checkpoint.weights());
        StoredFile optimizer = checkpoint
                .optimizer()
                .map(file -> bench.store()
                        .put("optimizers", ".safetensors", target -> copy(file, target))
                        .toAvro())
                .orElse(null);
        CheckpointSaved saved = new CheckpointSaved(
                CheckpointNames.checkpointId(task, checkpoint.cycle()),
                task.getStage(),
                checkpoint.cycle(),
                checkpoint.epoch(),
                weights.toAvro(),
                checkpoint.weightsDigest(),
                optimizer,
                checkpoint.validationLoss());
        publish("checkpoint-%05d".formatted(checkpoint.cycle()), saved, claim);
    }

    private static void copy(Path file, Path target) throws IOException {
        Files.copy(file, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private End end(TrainingOutcome outcome, Claim claim) {
        return switch (outcome) {
            case TrainingOutcome.Interrupted _ -> End.STOPPED;
            case TrainingOutcome.Diverged(String reason, TrainingOutcome.Completed before) ->
                finish(new TrainingFailed(reason, true, null, completed(before)), claim);
            case TrainingOutcome.Completed done -> finish(completed(done), claim);
        };
    }

    private TrainingCompleted completed(TrainingOutcome.Completed done) {
        List<EpochLog> log = new ArrayList<>();
        done.log()
                .forEach(row -> log.add(new EpochLog(
                        row.epoch(),
                        row.learningRate(),
                        row.trainLoss(),
                        row.validationLoss(),
                        row.validationAccuracy(),
                        row.seconds(),
                        row.images())));
        return new TrainingCompleted(
                done.epochs(),
                done.images(),
                done.seconds(),
                done.stoppedEarly(),
                log,
                TorchEngine.platform(Options.of(task).computation().precision()));
    }

    private End finish(Object result, Claim claim) {
        publish("end", result, claim);
        shelf.clear();
        return End.FINISHED;
    }

    private void publish(String name, Object result, Claim claim) {
        claim.require();
        reports.result(shelf.record(name, TrainingWorker.result(task, bench.worker(), delivery, result)));
    }

    private Path file(StoredFile file) {
        return bench.store().verified(StoredObject.from(file));
    }

    private static String digest(Path weights) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            return WeightsDigest.of(file);
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
