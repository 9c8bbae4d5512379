package org.fissionfusion.vision.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.fissionfusion.core.schedule.EarlyStop;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.vision.augment.BatchOptions;
import org.fissionfusion.vision.augment.BatchOrder;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.NativeHeap;
import org.fissionfusion.vision.scoring.EvaluationImages;
import org.fissionfusion.vision.scoring.ScoringModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One linear probe, fine-tuning or fission line (paper section 3.1), from its start or from a saved state.
 *
 * <p>The same plan, images, start and engine give the same checkpoint bytes, however often the run was interrupted
 * between epochs. Runs on the calling thread; several runs may go on in several threads.
 */
public final class TrainingRun {
    /** Below this many batches an epoch, the last rate of a cycle is far from its minimum. */
    static final int FEW_BATCHES = 10;

    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
    private static final long VALIDATION_BUDGET = 512L << 20;

    private final TrainingPlan plan;
    private final PreparedSet train;
    private final PreparedSet validation;
    private final StateFolder folder;

    /**
     * A run that begins when it is told to.
     *
     * @throws IllegalArgumentException when the sets are empty, a label is no class, or BatchNorm would see one image
     */
    public TrainingRun(TrainingPlan plan, PreparedSet train, PreparedSet validation, StateFolder folder) {
        this.plan = plan;
        this.train = requireLabels("training", train, plan);
        this.validation = requireLabels("validation", validation, plan);
        this.folder = folder;
        EpochPass.requireBatches(plan, train.size());
    }

    private static PreparedSet requireLabels(String name, PreparedSet set, TrainingPlan plan) {
        int classes = plan.classes();
        if (set.size() == 0) {
            throw new IllegalArgumentException("the " + name + " set is empty");
        }
        boolean findings = plan.refinements().objective().findings().isPresent();
        if (findings != set.labels() instanceof Labels.Findings
                || (findings && set.classNames().size() != classes)) {
            throw new IllegalArgumentException("the %s set is %s; allowed is one of %d %s"
                    .formatted(
                            name, set.labels().getClass().getSimpleName(), classes, findings ? "findings" : "classes"));
        }
        for (int i = 0; !findings && i < set.size(); i++) {
            if (set.label(i) < 0 || set.label(i) >= classes) {
                throw new IllegalArgumentException(
                        "label %d of %s image %d is outside 0..%d".formatted(set.label(i), name, i, classes - 1));
            }
        }
        return set;
    }

    /**
     * Trains to the end, or until {@code stop} says so, which is asked before every step.
     *
     * @throws IOException when a file cannot be read or written, or does not fit the plan
     */
    public TrainingOutcome run(TrainingStart start, TrainingListener listener, BooleanSupplier stop)
            throws IOException {
        ImageInput input = plan.input();
        BatchOptions options = BatchOptions.training(
                        input.imageSize(),
                        input.normalisation(),
                        input.augmentation(),
                        input.batchSize(),
                        plan.imageSeed())
                .withWorkers(input.workers())
                .withOrder(plan.refinements().balancedSampler() ? BatchOrder.BALANCED : BatchOrder.SHUFFLED);
        try (TrainedNetwork network = TrainedNetwork.load(plan, ClassBalance.of(train, plan.classes()));
                BatchSource source = new BatchSource(train, options);
                EvaluationImages images = new EvaluationImages(
                        validation,
                        input.imageSize(),
                        input.normalisation(),
                        ScoringModel.batch(input.imageSize()),
                        VALIDATION_BUDGET);
                EpochPass pass = new EpochPass(plan, network, source, train, validation, images)) {
            TrainingState state = begin(start, network);
            warn(pass.steps(), listener);
            while (state.epochsDone() < plan.stage().epochs() && !state.stoppedEarly()) {
                int epoch = state.epochsDone() + 1;
                switch (pass.run(epoch, listener, stop)) {
                    case EpochPass.Stopped _ -> {
                        return new TrainingOutcome.Interrupted(state.epochsDone());
                    }
                    case EpochPass.Broken broken -> {
                        return new TrainingOutcome.Diverged(
                                broken.reason(), new TrainingOutcome.Completed(state.log(), false));
                    }
                    case EpochPass.Done done -> state = finishEpoch(state, done.log(), network, listener);
                }
            }
            saveBest(state, listener);
            return new TrainingOutcome.Completed(state.log(), state.stoppedEarly());
        }
    }

    private void warn(int steps, TrainingListener listener) {
        if (plan.stage() instanceof TrainingStage.Fission fission && steps < FEW_BATCHES) {
            int firstCheckpoint =
                    fission.rates().checkpointEpochs(fission.epochs()).getFirst();
            double last = fission.rateAt(firstCheckpoint, (steps - 1.0) / steps);
            LOG.atWarn()
                    .addKeyValue("batches", steps)
                    .addKeyValue("lastRate", last)
                    .log("few batches an epoch");
            listener.onWarning("%d batches an epoch: the last rate of a cycle is %.3g, the minimum is %.3g"
                    .formatted(steps, last, fission.rates().min()));
        }
    }

    private TrainingState begin(TrainingStart start, TrainedNetwork network) throws IOException {
        if (start.state().isPresent()) {
            Path path = start.state().get();
            TrainingState state = TrainingState.read(path, plan.fingerprint());
            network.setWeights(weights(state.now()));
            network.setMoments(path.toString(), state.now().optimizer());
            return state;
        }
        Optional<EarlyStop> earlyStop = Optional.empty();
        switch (plan.stage()) {
            case TrainingStage.LinearProbe _ -> network.setWeights(withHead(start.weights()));
            case TrainingStage.FineTune tune -> {
                network.setWeights(withHead(start.weights()));
                earlyStop = tune.earlyStop();
            }
            case TrainingStage.Fission _ -> {
                network.setWeights(ModelWeights.read(start.weights(), plan.architecture(), plan.classes()));
                inherit(start, network);
            }
        }
        return new TrainingState(List.of(), network.snapshot(), earlyStop, Optional.empty());
    }

    private ModelWeights withHead(Path weights) throws IOException {
        return ModelWeights.readWithHead(weights, plan.architecture(), plan.classes(), plan.seed());
    }

    private static void inherit(TrainingStart start, TrainedNetwork network) throws IOException {
        Path path = start.optimizer()
                .orElseThrow(() -> new IllegalArgumentException("fission needs the base model's optimizer state"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            network.setMoments(path.toString(), NamedTensors.read(file, ""));
        }
    }

    private ModelWeights weights(TrainingState.Learned learned) {
        return ModelWeights.of(plan.architecture(), plan.classes(), learned.weights());
    }

    private TrainingState finishEpoch(
            TrainingState state, EpochLog log, TrainedNetwork network, TrainingListener listener) throws IOException {
        TrainingState.Learned learned = network.snapshot();
        TrainingState.Learned served = network.served(learned);
        CheckpointFiles files = new CheckpointFiles(plan, folder);
        boolean keepsBest = true;
        if (plan.stage() instanceof TrainingStage.Fission fission) {
            keepsBest = false;
            if (fission.rates().endsCycle(log.epoch())) {
                int cycle =
                        1 + fission.rates().checkpointEpochs(fission.epochs()).indexOf(log.epoch());
                listener.onCheckpoint(files.saveCycle(cycle, log, served));
            }
        }
        TrainingState next = state.next(log, learned, served, keepsBest);
        Path file = folder.state(log.epoch());
        next.write(file, plan.fingerprint());
        listener.onEpoch(log, file);
        Files.deleteIfExists(folder.state(log.epoch() - 1));
        NativeHeap.trim();
        return next;
    }

    private void saveBest(TrainingState state, TrainingListener listener) throws IOException {
        if (state.best().isPresent()) {
            listener.onCheckpoint(
                    new CheckpointFiles(plan, folder).saveBest(state.best().get()));
        }
    }
}
