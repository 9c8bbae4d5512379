package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.TorchEngine;

/** A network with AdamW's moments; one native call is one training step. Used by one thread at a time. */
final class TrainedNetwork implements AutoCloseable {
    private final TrainingPlan plan;
    private final Network network;
    private final boolean sparing;
    private final Map<String, NDArray> moments = new LinkedHashMap<>();
    private final NDList fixed = new NDList();

    private TrainedNetwork(TrainingPlan plan, Network network) {
        this.plan = plan;
        this.network = network;
        List<ModelTensor> trained = plan.architecture().tensors(plan.classes()).stream()
                .filter(t -> t.trained() && (t.head() || !plan.headOnly()))
                .toList();
        trained.forEach(tensor -> network.weight(tensor.name()).setRequiresGradient(true));
        this.sparing = !trained.stream().allMatch(this::decays);
        fixed.addAll(network.weightList());
        addGroup(trained.stream().filter(this::decays).toList(), "p[]", "m[]", "v[]", "s[]");
        addGroup(trained.stream().filter(t -> !decays(t)).toList(), "q[]", "qm[]", "qv[]", "qs[]");
    }

    static TrainedNetwork load(TrainingPlan plan) throws IOException {
        return new TrainedNetwork(plan, Network.load(plan.architecture(), plan.classes()));
    }

    private boolean decays(ModelTensor tensor) {
        return !plan.optimizer().spareNormsAndBiases() || tensor.kind() == ModelTensor.Kind.WEIGHT;
    }

    private void addGroup(List<ModelTensor> group, String values, String first, String second, String counts) {
        group.forEach(tensor -> fixed.add(alias(network.weight(tensor.name()), values)));
        group.forEach(tensor ->
                addMoment("exp_avg." + tensor.name(), new Shape(tensor.spec().shape()), first));
        group.forEach(tensor ->
                addMoment("exp_avg_sq." + tensor.name(), new Shape(tensor.spec().shape()), second));
        group.forEach(tensor -> addMoment("step." + tensor.name(), new Shape(), counts));
    }

    /** The same tensor under the name of a list; an array has one name only. */
    private static NDArray alias(NDArray array, String list) {
        try (IValue value = IValue.from((PtNDArray) array)) {
            NDArray same = value.toTensor((PtNDManager) array.getManager());
            same.setName(list);
            return same;
        }
    }

    private void addMoment(String name, Shape shape, String list) {
        NDArray zeros = network.memory().zeros(shape, DataType.FLOAT32);
        zeros.setName(list);
        moments.put(name, zeros);
        fixed.add(zeros);
    }

    Network network() {
        return network;
    }

    void setWeights(ModelWeights weights) {
        network.set(weights);
    }

    /**
     * Copies moments in.
     *
     * @throws WeightsException when a moment is missing or of another shape
     */
    void setMoments(String source, List<Tensor> given) throws WeightsException {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        given.forEach(tensor -> byName.put(tensor.spec().name(), tensor));
        for (Map.Entry<String, NDArray> moment : moments.entrySet()) {
            Tensor tensor = byName.get(moment.getKey());
            TensorSpec wanted = spec(moment.getKey(), moment.getValue());
            if (tensor == null || !tensor.spec().equals(wanted)) {
                throw new WeightsException(
                        source,
                        "optimizer state %s is %s"
                                .formatted(
                                        wanted,
                                        tensor == null
                                                ? "missing"
                                                : tensor.spec().layout()));
            }
            Network.view(moment.getValue()).copyFrom(tensor.bytes());
        }
    }

    private static TensorSpec spec(String name, NDArray array) {
        return new TensorSpec(name, DType.F32, array.getShape().getShape());
    }

    /** Copies of weights, buffers and moments. */
    TrainingState.Learned snapshot() {
        List<Tensor> copies = new ArrayList<>();
        moments.forEach((name, array) -> {
            TensorSpec spec = spec(name, array);
            var copy = Arena.ofAuto().allocate(spec.byteSize(), Long.BYTES).copyFrom(Network.view(array));
            copies.add(new Tensor(spec, copy));
        });
        return new TrainingState.Learned(network.snapshot(), copies);
    }

    /**
     * One step of AdamW on the mean cross-entropy of a batch.
     *
     * @return the loss before the update
     */
    float step(ByteBuffer pixels, long[] labels, int count, double rate) {
        TorchEngine.enter(true);
        OptimizerSettings adam = plan.optimizer();
        int size = plan.input().imageSize();
        try (NDManager memory = network.memory().newSubManager()) {
            NDArray x = memory.create(pixels, new Shape(count, 3, size, size), DataType.FLOAT32);
            NDArray y = memory.create(Arrays.copyOf(labels, count));
            NDArray numbers = memory.create(new double[] {
                rate, adam.weightDecay(), adam.beta1(), adam.beta2(), adam.epsilon(), plan.batchStatistics() ? 1 : 0
            });
            NDList inputs = new NDList(x, y, numbers);
            inputs.addAll(fixed);
            float loss = network.step(inputs, sparing).getFloat();
            if (plan.batchStatistics()) {
                network.countBatch();
            }
            return loss;
        } finally {
            TorchEngine.enter(false);
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
