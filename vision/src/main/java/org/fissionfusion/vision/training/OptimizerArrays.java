package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.model.StepProgram;
import org.fissionfusion.vision.model.StepSpec;

/** The arrays that a step updates beside the weights, in the lists that the step's program takes. */
final class OptimizerArrays {
    private static final String AVERAGE = "average.";

    private final Network network;
    private final StepSpec spec;
    private final NDList weights = new NDList();
    private final NDList parameters = new NDList();
    private final NDList updated = new NDList();
    private final NDList sums = new NDList();
    private final Map<String, NDArray> moments = new LinkedHashMap<>();
    private final Map<String, NDArray> averages = new LinkedHashMap<>();

    OptimizerArrays(Network network, ParameterGroups groups, StepSpec spec) {
        this.network = network;
        this.spec = spec;
        weights.addAll(network.weightList());
        if (network.architecture().isScripted()) { // whose parameters come as the file has them
            network.architecture()
                    .tensors(network.classes())
                    .forEach(tensor -> network.weight(tensor.name()).setRequiresGradient(false));
        }
        int group = 0;
        for (List<ModelTensor> tensors : groups.tensors().values()) {
            tensors.forEach(tensor -> network.weight(tensor.name()).setRequiresGradient(true));
            addGroup(tensors, group++);
        }
        if (spec.averages()) {
            addAverages();
        }
    }

    private void addGroup(List<ModelTensor> tensors, int group) {
        for (ModelTensor tensor : tensors) {
            NDArray parameter = Network.alias(network.weight(tensor.name()), StepProgram.list("p", group) + "[]");
            parameters.add(parameter);
            updated.add(parameter);
        }
        addMoments(tensors, "exp_avg.", StepProgram.list("m", group));
        addMoments(tensors, "exp_avg_sq.", StepProgram.list("v", group));
        for (ModelTensor tensor : tensors) {
            addMoment("step." + tensor.name(), new Shape(), StepProgram.list("s", group));
        }
        if (spec.accumulates()) {
            tensors.forEach(tensor -> sums.add(zeros(new Shape(tensor.spec().shape()), StepProgram.list("a", group))));
        }
    }

    private void addMoments(List<ModelTensor> tensors, String prefix, String list) {
        tensors.forEach(tensor ->
                addMoment(prefix + tensor.name(), new Shape(tensor.spec().shape()), list));
    }

    private void addMoment(String name, Shape shape, String list) {
        NDArray zeros = zeros(shape, list);
        moments.put(name, zeros);
        updated.add(zeros);
    }

    private NDArray zeros(Shape shape, String list) {
        NDArray zeros = network.memory().zeros(shape, DataType.FLOAT32);
        zeros.setName(list + "[]");
        return zeros;
    }

    private void addAverages() {
        List<ModelTensor> all = network.architecture().tensors(network.classes());
        all.forEach(tensor -> updated.add(Network.alias(network.weight(tensor.name()), "now[]")));
        for (ModelTensor tensor : all) {
            NDArray average = zeros(new Shape(tensor.spec().shape()), "avg");
            averages.put(tensor.name(), average);
            updated.add(average);
        }
    }

    /** Puts numbers of the loss among the weights. */
    void addConstant(String name, float[] values) {
        NDArray constant = network.memory().create(values);
        constant.setName("w." + name);
        weights.add(constant);
    }

    /** All weights by name. */
    NDList weights() {
        return weights;
    }

    /** What follows the weights in a step, or in a part of one. */
    NDList stepLists() {
        return spec.accumulates() ? new NDList(parameters).addAll(sums) : updated;
    }

    /** What an update after several parts takes. */
    NDList applyLists() {
        return new NDList(updated).addAll(sums);
    }

    void startAverage() {
        averages.forEach((name, average) -> network.write(average, network.read(network.weight(name))));
    }

    /** Swaps weights and moving average; nothing without one. */
    void exchangeAverage() {
        averages.forEach((name, average) -> {
            NDArray weight = network.weight(name);
            MemorySegment kept = network.read(weight);
            network.write(weight, network.read(average));
            network.write(average, kept);
        });
    }

    void set(String source, List<Tensor> given) throws WeightsException {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        given.forEach(tensor -> byName.put(tensor.spec().name(), tensor));
        for (Map.Entry<String, NDArray> moment : moments.entrySet()) {
            TensorSpec wanted = spec(moment.getKey(), moment.getValue());
            Tensor tensor = byName.get(moment.getKey());
            if (tensor == null || !tensor.spec().equals(wanted)) {
                String found = tensor == null ? "missing" : tensor.spec().layout();
                throw new WeightsException(source, "optimizer state %s is %s".formatted(wanted, found));
            }
            network.write(moment.getValue(), tensor.bytes());
        }
        averages.forEach((name, average) -> {
            Tensor tensor = byName.get(AVERAGE + name);
            if (tensor != null) {
                network.write(average, tensor.bytes());
            }
        });
    }

    private static TensorSpec spec(String name, NDArray array) {
        return new TensorSpec(name, DType.F32, array.getShape().getShape());
    }

    /** Copies of the moments. */
    List<Tensor> moments() {
        return copies("", moments);
    }

    /** Copies of moments and moving average. */
    List<Tensor> snapshot() {
        List<Tensor> copies = moments();
        copies.addAll(copies(AVERAGE, averages));
        return copies;
    }

    private List<Tensor> copies(String prefix, Map<String, NDArray> arrays) {
        List<Tensor> copies = new ArrayList<>();
        arrays.forEach((name, array) -> copies.add(new Tensor(spec(prefix + name, array), network.read(array))));
        return copies;
    }
}
