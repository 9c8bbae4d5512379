package org.fissionfusion.vision.training;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.fissionfusion.vision.augment.Batch;
import org.fissionfusion.vision.augment.BatchSource;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.SplitMix;
import org.fissionfusion.vision.scoring.Evaluation;
import org.fissionfusion.vision.scoring.EvaluationImages;

/**
 * Runs epochs: all steps, then validation.
 *
 * <p>The last batch may be smaller. Only where BatchNorm uses batch statistics and a single image is left for the last
 * batch, that image is left out of this epoch; the order changes every epoch, so it is another one each time.
 */
final class EpochPass implements AutoCloseable {
    /** Steps whose losses are read at once where reading waits for a device. */
    static final int DEVICE_LOSSES = 16;

    private final TrainingPlan plan;
    private final TrainedNetwork network;
    private final BatchSource source;
    private final EvaluationImages validation;
    private final Optional<Findings> findings;
    private final int steps;
    private final int lossesAtOnce;
    private final StagedBatches batches;

    /**
     * Runs the epochs of one plan.
     *
     * @param train the training images
     * @param validating the images after each epoch
     */
    EpochPass(
            TrainingPlan plan,
            TrainedNetwork network,
            BatchSource source,
            PreparedSet train,
            PreparedSet validating,
            EvaluationImages validation) {
        this(
                plan,
                network,
                source,
                train,
                validating,
                validation,
                network.network().isDirect() ? 1 : DEVICE_LOSSES);
    }

    /** @param lossesAtOnce steps whose losses are read at once; changes no number of the training */
    EpochPass(
            TrainingPlan plan,
            TrainedNetwork network,
            BatchSource source,
            PreparedSet train,
            PreparedSet validating,
            EvaluationImages validation,
            int lossesAtOnce) {
        this.plan = plan;
        this.network = network;
        this.source = source;
        this.validation = validation;
        this.findings = plan.refinements().objective().findings().map(policy -> {
            FindingTargets targets = FindingTargets.of(train, policy);
            return new Findings(targets, targets.of("validation", validating, policy));
        });
        this.steps = steps(plan, train.size());
        this.lossesAtOnce = lossesAtOnce;
        this.batches = new StagedBatches(!network.network().isDirect());
    }

    /** Targets of the training and of the validation images, where they may show several findings. */
    private record Findings(FindingTargets train, FindingTargets validation) {}

    /** How an epoch ended. */
    sealed interface Result {}

    record Done(EpochLog log) implements Result {}

    record Stopped() implements Result {}

    record Broken(String reason) implements Result {}

    static void requireBatches(TrainingPlan plan, int images) {
        if (steps(plan, images) == 0 || (plan.batchStatistics() && plan.input().batchSize() == 1)) {
            throw new IllegalArgumentException("batchSize: %d with %d images gives BatchNorm single images to normalise"
                    .formatted(plan.input().batchSize(), images));
        }
    }

    private static int steps(TrainingPlan plan, int images) {
        int batch = plan.input().batchSize();
        boolean leavesOut = plan.batchStatistics() && images % batch == 1;
        return leavesOut ? images / batch : Math.ceilDiv(images, batch);
    }

    int steps() {
        return steps;
    }

    Result run(int epoch, TrainingListener listener, BooleanSupplier stop) {
        long begun = System.nanoTime();
        source.startEpoch(epoch);
        batches.start(steps, step -> stage(dropSeed(epoch, step)));
        Losses losses = new Losses(epoch, begun, listener);
        for (int step = 0; step < steps; step++) {
            if (stop.getAsBoolean()) {
                losses.read();
                return new Stopped();
            }
            long asked = System.nanoTime();
            StagedBatch batch = batches.next();
            listener.onBatch(Duration.ofNanos(System.nanoTime() - asked));
            double rate = plan.stage().rateAt(epoch, (double) step / steps);
            losses.pending.add(new Pending(step, rate, network.begin(batch, rate)));
            if (losses.pending.size() == lossesAtOnce || step == steps - 1) {
                Optional<Broken> broken = losses.read();
                if (broken.isPresent()) {
                    return broken.get();
                }
            }
        }
        return validate(losses);
    }

    private record Pending(int step, double rate, TrainedNetwork.Loss loss) {}

    /** The losses of an epoch so far, those not read yet, and what is told of them. */
    private final class Losses {
        private final int epoch;
        private final long begun;
        private final TrainingListener listener;
        private final List<Pending> pending = new ArrayList<>();
        private double sum;
        private long images;
        private double rate;

        Losses(int epoch, long begun, TrainingListener listener) {
            this.epoch = epoch;
            this.begun = begun;
            this.listener = listener;
        }

        /** Reads what is pending; what is wrong with the first loss that is no number. */
        Optional<Broken> read() {
            Optional<Broken> broken = Optional.empty();
            for (Pending one : pending) {
                double loss = one.loss().read();
                if (broken.isPresent()) {
                    continue; // read to be freed
                }
                if (!Double.isFinite(loss)) {
                    broken = Optional.of(new Broken(
                            "training loss is %s in epoch %d, step %d".formatted(loss, epoch, one.step() + 1)));
                    continue;
                }
                sum += loss * one.loss().images();
                images += one.loss().images();
                rate = one.rate();
                listener.onStep(progress(epoch, one.step(), rate, loss, (double) images / seconds(begun)));
            }
            pending.clear();
            return broken;
        }
    }

    private StagedBatch stage(long seed) {
        Batch batch = source.next().orElseThrow(() -> new IllegalStateException("the epoch has too few batches"));
        if (findings.isEmpty()) {
            return network.stage(batch.bytes(), batch.labels(), batch.count(), seed);
        }
        float[] targets = findings.get().train().batch(batch.indices(), batch.count());
        return network.stageFindings(batch.bytes(), targets, batch.count(), seed);
    }

    private long dropSeed(int epoch, int step) {
        return SplitMix.hash(SplitMix.hash(plan.imageSeed(), epoch), step);
    }

    private StepProgress progress(int epoch, int step, double rate, double loss, double speed) {
        int epochs = plan.stage().epochs();
        long left = (long) steps * (epochs - epoch) + steps - step - 1;
        double secondsLeft = (double) left * plan.input().batchSize() / speed;
        return new StepProgress(epoch, epochs, step + 1, steps, rate, loss, speed, secondsLeft);
    }

    private Result validate(Losses losses) {
        float[] logits = network.averaged(() -> Evaluation.logits(network.network(), validation));
        double loss;
        double accuracy;
        if (findings.isPresent()) {
            loss = findings.get().validation().loss(logits);
            accuracy = findings.get().validation().accuracy(logits);
        } else {
            Evaluation evaluation = new Evaluation(network.network().classes(), logits, validation.labels());
            loss = evaluation.loss();
            accuracy = evaluation.accuracy();
        }
        int epoch = losses.epoch;
        if (!Double.isFinite(loss)) {
            return new Broken("validation loss is %s after epoch %d, step %d".formatted(loss, epoch, steps));
        }
        double trainLoss = losses.sum / (double) losses.images;
        double seconds = seconds(losses.begun);
        return new Done(new EpochLog(epoch, losses.rate, trainLoss, loss, accuracy, seconds, losses.images));
    }

    @Override
    public void close() {
        batches.close();
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
