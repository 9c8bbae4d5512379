package org.fissionfusion.vision.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;

/** An architecture with weights in the engine. Used by one thread at a time. */
public final class Network implements AutoCloseable {
    private static final String MODEL = "fissionfusion-network";

    private final Architecture architecture;
    private final int classes;
    private final StepSpec spec;
    private final Model model;
    private final boolean direct;
    private final NDManager memory;
    private final ArrayTransfer transfer;
    private final Optional<ScriptModule> script;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();
    private final Map<String, Tensor> counters = new LinkedHashMap<>();

    private Network(Architecture architecture, int classes, StepSpec spec, Model model, boolean direct) {
        this.architecture = architecture;
        this.classes = classes;
        this.spec = spec;
        this.model = model;
        this.direct = direct;
        this.memory = model.getNDManager().newSubManager();
        this.script = architecture.script().map(ScriptModule::load);
        this.transfer = new ArrayTransfer(direct, list -> call(StepProgram.COPY, list, false));
    }

    /** Loads the architecture's program to score with; weights are zero until {@link #set}. */
    public static Network load(Architecture architecture, int classes) throws IOException {
        return load(architecture, classes, Computation.scoring(), StepSpec.PAPER);
    }

    /** Loads the architecture's program to train with; weights are zero until {@link #set}. */
    public static Network load(Architecture architecture, int classes, Computation computation, StepSpec spec)
            throws IOException {
        return load(architecture, classes, computation, spec, TorchEngine.onHost());
    }

    /** @param direct false: as on a device, whose arrays are read and written by copies */
    public static Network load(
            Architecture architecture, int classes, Computation computation, StepSpec spec, boolean direct)
            throws IOException {
        TorchEngine.enter(false);
        String program = StepProgram.of(architecture, computation, spec, direct);
        Model model;
        try {
            model = TorchScriptArchive.load(MODEL, program, TorchEngine.device(), Map.of("trainParam", "true"));
        } catch (IOException | MalformedModelException | RuntimeException e) {
            throw new IOException("the engine refuses the program of " + architecture + ": " + e.getMessage(), e);
        }
        Network network = new Network(architecture, classes, spec, model, direct);
        if (network.script.isPresent()) {
            network.script.get().tensors().forEach(network::putWeight);
        } else {
            architecture
                    .tensors(classes)
                    .forEach(tensor -> network.putWeight(tensor.name(), network.zeros(tensor.spec())));
        }
        return network;
    }

    private void putWeight(String name, NDArray array) {
        array.setName("w." + name);
        weights.put(name, array);
    }

    public Architecture architecture() {
        return architecture;
    }

    public int classes() {
        return classes;
    }

    /** Whether its arrays may lie in the very memory that they are made from. */
    public boolean isDirect() {
        return direct;
    }

    /**
     * Images as the network takes them. Those of a direct network must stay as they are until it has computed.
     *
     * @param pixels direct buffer of {@code images} x 3 x size x size native floats
     */
    public NDArray images(NDManager where, ByteBuffer pixels, int images, int size) {
        NDArray array = where.create(pixels, new Shape(images, 3, size, size), DataType.FLOAT32);
        boolean lent = !where.getDevice().isGpu(); // a device has its own copy
        return lent && !direct ? array.duplicate() : array;
    }

    /** Where arrays live that stay as long as the network. */
    public NDManager memory() {
        return memory;
    }

    /** The live array of a parameter or buffer. */
    public NDArray weight(String name) {
        return weights.get(name);
    }

    private NDArray zeros(TensorSpec spec) {
        return memory.zeros(new Shape(spec.shape()), DataType.FLOAT32);
    }

    /** Copies weights in. */
    public void set(ModelWeights given) {
        counters.clear();
        for (Tensor tensor : given.tensors()) {
            NDArray array = weights.get(tensor.spec().name());
            if (array != null) {
                transfer.write(array, tensor.bytes());
                requireWritten(tensor, array);
            } else {
                counters.put(tensor.spec().name(), copy(tensor.spec(), tensor.bytes()));
            }
        }
    }

    /** A script may hold a tensor of another memory layout than its values are written in. */
    private void requireWritten(Tensor tensor, NDArray array) {
        if (script.isPresent() && transfer.read(array).mismatch(tensor.bytes()) != -1) {
            throw new IllegalArgumentException("tensor %s of %s is not contiguous; make it so before the export"
                    .formatted(tensor.spec().name(), architecture));
        }
    }

    /** Adds one to every counter of batches; a script counts for itself. */
    public void countBatch() {
        for (Tensor counter : counters.values()) {
            var count = counter.bytes().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            count.putLong(0, count.getLong(0) + 1);
        }
    }

    /** Copies weights out. */
    public List<Tensor> snapshot() {
        List<Tensor> tensors = new ArrayList<>();
        for (ModelTensor tensor : architecture.tensors(classes)) {
            tensors.add(new Tensor(tensor.spec(), transfer.read(weights.get(tensor.name()))));
        }
        if (script.isPresent()) {
            for (TensorSpec counter : architecture.counters()) {
                tensors.add(new Tensor(counter, transfer.read(weights.get(counter.name()))));
            }
        }
        counters.values().forEach(counter -> tensors.add(copy(counter.spec(), counter.bytes())));
        return tensors;
    }

    private static Tensor copy(TensorSpec spec, MemorySegment bytes) {
        return new Tensor(
                spec, Arena.ofAuto().allocate(spec.byteSize(), Long.BYTES).copyFrom(bytes));
    }

    /** A copy of the bytes of an array of this network's memory. */
    public MemorySegment read(NDArray array) {
        return transfer.read(array);
    }

    /** Overwrites an array of this network's memory. */
    public void write(NDArray array, MemorySegment bytes) {
        transfer.write(array, bytes);
    }

    /** The same array under the name that a list of a program has; an array has one name only. */
    public static NDArray alias(NDArray array, String name) {
        return ArrayTransfer.alias(array, name);
    }

    /** Numbers for a program, which are read on the host wherever it computes. */
    public static NDArray numbers(NDManager step, double... numbers) {
        NDManager host = TorchEngine.onHost() ? step : step.newSubManager(Device.cpu());
        return host.create(numbers);
    }

    /**
     * Takes a training step, or its part when the step accumulates.
     *
     * @param inputs images, labels, numbers, {@link #weightList}, then the lists that {@link StepProgram} names
     * @param batchStatistics of the BatchNorm of a script, and the mode of all its layers; others take it from the numbers
     * @return the loss, in the memory of the images
     */
    public NDArray step(NDList inputs, boolean batchStatistics) {
        String method = spec.accumulates() ? StepProgram.GATHER : StepProgram.STEP;
        if (script.isEmpty()) {
            return call(method, inputs, true).head();
        }
        try (NDArray logits = script.get().logits(inputs.head(), batchStatistics)) {
            inputs.set(0, logits);
            return call(method, inputs, true).head();
        }
    }

    /** Seeds what a script draws in the next step; nothing else here draws in the engine. */
    public void seed(long seed) {
        script.ifPresent(module -> module.seed(seed));
    }

    /** Updates by the gradients of several parts: numbers, then the lists that {@link StepProgram} names. */
    public void apply(NDList inputs) {
        call(StepProgram.APPLY, inputs, true);
    }

    private NDList call(String method, NDList inputs, boolean training) {
        NDArray name = numbers(inputs.head().getManager(), 0);
        name.setName("module_method:" + method);
        inputs.add(name);
        return model.getBlock().forward(new ParameterStore(memory, false), inputs, training);
    }

    /** All weights by name, in a list to which the other inputs are added. */
    public List<NDArray> weightList() {
        return List.copyOf(weights.values());
    }

    /**
     * Logits of a batch, row-major, in float32 on the calling thread.
     *
     * @param pixels direct buffer of {@code images} x 3 x size x size native floats
     */
    public float[] logits(ByteBuffer pixels, int images, int size) {
        try (NDManager step = memory.newSubManager()) {
            NDArray x = images(step, pixels, images, size);
            if (script.isPresent()) {
                return script.get().logits(x, false).toFloatArray();
            }
            NDList inputs = new NDList(x);
            inputs.addAll(weights.values());
            return call("forward", inputs, false).head().toFloatArray();
        }
    }

    /**
     * Passes a batch through with its own BatchNorm statistics, which move the running ones as in training: by a tenth.
     *
     * @param pixels direct buffer of {@code images} x 3 x size x size native floats
     */
    public void observe(ByteBuffer pixels, int images, int size) {
        try (NDManager step = memory.newSubManager()) {
            NDList inputs = new NDList(images(step, pixels, images, size));
            inputs.addAll(weights.values());
            call(StepProgram.OBSERVE, inputs, false);
        }
    }

    @Override
    public void close() {
        script.ifPresent(ScriptModule::close);
        memory.close();
        model.close();
    }
}
