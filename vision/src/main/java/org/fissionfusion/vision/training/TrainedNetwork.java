package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.StepProgram;
import org.fissionfusion.vision.model.StepSpec;
import org.fissionfusion.vision.model.TorchEngine;

/** A network with AdamW's moments; one native call is one training step. Used by one thread at a time. */
final class TrainedNetwork implements AutoCloseable {
    private final TrainingPlan plan;
    private final StepSpec spec;
    private final Network network;
    private final OptimizerArrays arrays;
    private final DropMasks masks;
    private final float[] classWeights;

    private TrainedNetwork(TrainingPlan plan, StepSpec spec, Network network, ClassBalance balance) {
        this.plan = plan;
        this.spec = spec;
        this.network = network;
        this.arrays = new OptimizerArrays(network, ParameterGroups.of(plan), spec);
        this.masks = new DropMasks(plan.architecture(), plan.refinements().computation());
        this.classWeights = balance.weights();
        Refinements.Objective objective = plan.refinements().objective();
        if (objective.classWeighted()) {
            arrays.addConstant(StepProgram.CLASS_WEIGHTS, classWeights);
        }
        if (objective.logitAdjustment() > 0) {
            arrays.addConstant(StepProgram.LOG_PRIORS, balance.logPriors(objective.logitAdjustment()));
        }
    }

    /** A network for a training set whose classes are equally frequent. */
    static TrainedNetwork load(TrainingPlan plan) throws IOException {
        return load(plan, ClassBalance.even(plan.classes()));
    }

    static TrainedNetwork load(TrainingPlan plan, ClassBalance balance) throws IOException {
        return load(plan, balance, TorchEngine.onHost());
    }

    /** @param direct false: as on a device */
    static TrainedNetwork load(TrainingPlan plan, ClassBalance balance, boolean direct) throws IOException {
        Refinements refinements = plan.refinements();
        Refinements.Objective objective = refinements.objective();
        StepSpec spec = new StepSpec(
                ParameterGroups.of(plan).groups(),
                new StepSpec.Loss(
                        objective.classWeighted(),
                        objective.logitAdjustment() > 0,
                        objective.labelSmoothing(),
                        objective.findings().isPresent()),
                refinements.gradientClip().isPresent(),
                refinements.averageDecay().isPresent(),
                refinements.accumulate() > 1);
        Network network = Network.load(plan.architecture(), plan.classes(), refinements.computation(), spec, direct);
        return new TrainedNetwork(plan, spec, network, balance);
    }

    Network network() {
        return network;
    }

    /** Takes weights, from which a moving average then starts. */
    void setWeights(ModelWeights weights) {
        network.set(weights);
        arrays.startAverage();
    }

    /**
     * Copies moments in, and the moving average where it is among them.
     *
     * @throws WeightsException when a moment is missing or of another shape
     */
    void setMoments(String source, List<Tensor> given) throws WeightsException {
        arrays.set(source, given);
    }

    /** Copies of weights, buffers, moments and moving average: what a continuation needs. */
    TrainingState.Learned snapshot() {
        return new TrainingState.Learned(network.snapshot(), arrays.snapshot());
    }

    /** What a checkpoint holds: the moving average where there is one, else the weights. */
    TrainingState.Learned served(TrainingState.Learned snapshot) {
        if (!spec.averages()) {
            return snapshot;
        }
        return new TrainingState.Learned(averaged(network::snapshot), arrays.moments());
    }

    /** Runs with the moving average as weights where there is one. */
    <T> T averaged(Supplier<T> work) {
        arrays.exchangeAverage();
        try {
            return work.get();
        } finally {
            arrays.exchangeAverage();
        }
    }

    /** A step that drops nothing. */
    float step(ByteBuffer pixels, long[] labels, int count, double rate) {
        return step(pixels, labels, count, rate, 0);
    }

    /**
     * One step of AdamW on the loss of a batch.
     *
     * @param seed of what is dropped
     * @return the loss before the update
     */
    float step(ByteBuffer pixels, long[] labels, int count, double rate, long seed) {
        return begin(stage(pixels, labels, count, seed), rate).read();
    }

    /** The loss of a step, which a device may still be computing: reading it waits for the device. */
    static final class Loss {
        private final StagedBatch batch;
        private final List<NDArray> parts = new ArrayList<>();

        private Loss(StagedBatch batch) {
            this.batch = batch;
        }

        int images() {
            return batch.count();
        }

        /** Reads it, once. */
        float read() {
            float sum = 0;
            for (NDArray part : parts) {
                sum += part.getFloat();
                part.close();
            }
            batch.close();
            return sum;
        }
    }

    /**
     * Brings a batch to where the engine computes: to a device by a copy, for which another thread may call this while
     * this one begins a step. On the host the pixels are not copied and must stay until the step is done.
     *
     * @param seed of what the step drops
     */
    StagedBatch stage(ByteBuffer pixels, long[] labels, int count, long seed) {
        double divisor = plan.refinements().objective().classWeighted()
                ? IntStream.range(0, count)
                        .mapToDouble(i -> classWeights[(int) labels[i]])
                        .sum()
                : count;
        Targets targets = (memory, from, to) -> memory.create(Arrays.copyOfRange(labels, from, to));
        return stage(pixels, targets, count, divisor, seed);
    }

    /**
     * The same with findings.
     *
     * @param targets as {@link FindingTargets#batch} gives them
     */
    StagedBatch stageFindings(ByteBuffer pixels, float[] targets, int count, long seed) {
        int findings = plan.classes();
        Targets part = (memory, from, to) -> {
            float[] some = new float[2 * (to - from) * findings];
            int half = some.length / 2;
            System.arraycopy(targets, from * findings, some, 0, half);
            System.arraycopy(targets, (count + from) * findings, some, half, half);
            return memory.create(some, new Shape(2, to - from, findings));
        };
        return stage(pixels, part, count, count, seed);
    }

    /** What is true of some images of a batch, as the step takes it. */
    @FunctionalInterface
    private interface Targets {
        NDArray of(NDManager memory, int from, int to);
    }

    private StagedBatch stage(ByteBuffer pixels, Targets targets, int count, double divisor, long seed) {
        int size = plan.input().imageSize();
        NDManager memory = network.memory().newSubManager();
        List<StagedBatch.Part> staged = new ArrayList<>();
        // no part of a single image, which BatchNorm could not normalise
        int parts = Math.clamp(count / 2, 1, plan.refinements().accumulate());
        for (int part = 0; part < parts; part++) {
            int from = (int) ((long) count * part / parts);
            int to = (int) ((long) count * (part + 1) / parts);
            NDArray images = network.images(memory, slice(pixels, from, to), to - from, size);
            NDArray known = targets.of(memory, from, to);
            NDList dropped = new NDList();
            masks.addTo(dropped, memory, to - from, seed + part);
            staged.add(new StagedBatch.Part(images, known, dropped, seed + part));
        }
        return new StagedBatch(memory, count, divisor, staged);
    }

    private ByteBuffer slice(ByteBuffer pixels, int from, int to) {
        int image = Float.BYTES * 3 * plan.input().imageSize() * plan.input().imageSize();
        return pixels.slice(from * image, (to - from) * image).order(ByteOrder.nativeOrder());
    }

    /** A step whose loss is read later, and which closes the batch then. */
    Loss begin(StagedBatch batch, double rate) {
        double[] numbers = numbers(rate, batch.divisor());
        TorchEngine.enter(true);
        try {
            Loss loss = new Loss(batch);
            for (StagedBatch.Part part : batch.parts()) {
                loss.parts.add(compute(part, numbers));
            }
            if (spec.accumulates()) {
                apply(numbers);
            }
            return loss;
        } finally {
            TorchEngine.enter(false);
        }
    }

    private NDArray compute(StagedBatch.Part part, double[] numbers) {
        try (NDManager memory = network.memory().newSubManager()) {
            NDList inputs = new NDList(part.images(), part.targets(), Network.numbers(memory, numbers));
            inputs.addAll(arrays.weights());
            inputs.addAll(part.masks());
            inputs.addAll(arrays.stepLists());
            network.seed(part.seed());
            NDArray loss = network.step(inputs, plan.batchStatistics());
            loss.attach(network.memory());
            if (plan.batchStatistics()) {
                network.countBatch();
            }
            return loss;
        }
    }

    private void apply(double[] numbers) {
        try (NDManager memory = network.memory().newSubManager()) {
            NDList inputs = new NDList(Network.numbers(memory, numbers));
            inputs.addAll(arrays.applyLists());
            network.apply(inputs);
        }
    }

    private double[] numbers(double rate, double divisor) {
        OptimizerSettings adam = plan.optimizer();
        Refinements refinements = plan.refinements();
        double[] numbers = new double[StepProgram.NUMBERS];
        numbers[StepProgram.RATE] = rate;
        numbers[StepProgram.DECAY] = adam.weightDecay();
        numbers[StepProgram.BETA1] = adam.beta1();
        numbers[StepProgram.BETA2] = adam.beta2();
        numbers[StepProgram.EPSILON] = adam.epsilon();
        numbers[StepProgram.BATCH_STATISTICS] = plan.batchStatistics() ? 1 : 0;
        numbers[StepProgram.DIVISOR] = divisor;
        numbers[StepProgram.CLIP] = refinements.gradientClip().orElse(0);
        numbers[StepProgram.AVERAGE_MOVES] = 1 - refinements.averageDecay().orElse(0);
        return numbers;
    }

    @Override
    public void close() {
        network.close();
    }
}
