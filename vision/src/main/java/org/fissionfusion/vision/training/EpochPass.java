package org.fissionfusion.vision.training;

import java.time.Duration;
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
final class EpochPass {
    private final TrainingPlan plan;
    private final TrainedNetwork network;
    private final BatchSource source;
    private final EvaluationImages validation;
    private final Optional<Findings> findings;
    private final int steps;

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
        this.plan = plan;
        this.network = network;
        this.source = source;
        this.validation = validation;
        this.findings = plan.refinements().objective().findings().map(policy -> {
            FindingTargets targets = FindingTargets.of(train, policy);
            return new Findings(targets, targets.of("validation", validating, policy));
        });
        this.steps = steps(plan, train.size());
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
        double lossSum = 0;
        long images = 0;
        double rate = 0;
        for (int step = 0; step < steps; step++) {
            if (stop.getAsBoolean()) {
                return new Stopped();
            }
            long asked = System.nanoTime();
            Optional<Batch> next = source.next();
            listener.onBatch(Duration.ofNanos(System.nanoTime() - asked));
            Batch batch = next.orElseThrow(() -> new IllegalStateException("the epoch has too few batches"));
            rate = plan.stage().rateAt(epoch, (double) step / steps);
            double loss = step(batch, rate, dropSeed(epoch, step));
            if (!Double.isFinite(loss)) {
                return new Broken("training loss is %s in epoch %d, step %d".formatted(loss, epoch, step + 1));
            }
            lossSum += loss * batch.count();
            images += batch.count();
            listener.onStep(progress(epoch, step, rate, loss, (double) images / seconds(begun)));
        }
        return validate(epoch, rate, lossSum / (double) images, begun, images);
    }

    private double step(Batch batch, double rate, long seed) {
        if (findings.isEmpty()) {
            return network.step(batch.bytes(), batch.labels(), batch.count(), rate, seed);
        }
        float[] targets = findings.get().train().batch(batch.indices(), batch.count());
        return network.stepOnFindings(batch.bytes(), targets, batch.count(), rate, seed);
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

    private Result validate(int epoch, double rate, double trainLoss, long begun, long images) {
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
        if (!Double.isFinite(loss)) {
            return new Broken("validation loss is %s after epoch %d, step %d".formatted(loss, epoch, steps));
        }
        return new Done(new EpochLog(epoch, rate, trainLoss, loss, accuracy, seconds(begun), images));
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
