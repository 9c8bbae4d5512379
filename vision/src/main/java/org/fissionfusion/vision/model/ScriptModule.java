package org.fissionfusion.vision.model;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** A scripted module in the engine: its own weights, and logits from images. Used by one thread at a time. */
final class ScriptModule implements AutoCloseable {
    /** All threads share the engine's generator, so what seeds it and draws from it does so alone. */
    private static final Object GENERATOR = new Object();

    private final NDManager memory;
    private final PtSymbolBlock block;
    private final Map<String, NDArray> tensors = new LinkedHashMap<>();
    private boolean training;
    private OptionalLong seed = OptionalLong.empty();

    private ScriptModule(NDManager memory, PtSymbolBlock block) {
        this.memory = memory;
        this.block = block;
        for (NDArray tensor : JniUtils.moduleGetParams(block, (PtNDManager) memory)) {
            tensors.put(tensor.getName(), tensor);
        }
    }

    /**
     * Loads a checked archive.
     *
     * @throws IllegalArgumentException with the engine's reason
     */
    static ScriptModule load(Path file) {
        TorchEngine.enter(false);
        NDManager memory = NDManager.newBaseManager(TorchEngine.device(), "PyTorch");
        try {
            PtSymbolBlock block =
                    JniUtils.loadModule((PtNDManager) memory, file, true, new String[0], new String[0], true);
            JniUtils.enableInferenceMode(block);
            return new ScriptModule(memory, block);
        } catch (EngineException | IllegalArgumentException e) {
            memory.close();
            throw new IllegalArgumentException("the engine cannot load " + file + ": " + firstLine(e), e);
        }
    }

    static String firstLine(RuntimeException e) {
        return e.getMessage() == null
                ? e.toString()
                : e.getMessage().lines().findFirst().orElse("").strip();
    }

    /** Parameters and buffers by name, in the module's order; the arrays are the module's own. */
    Map<String, NDArray> tensors() {
        return tensors;
    }

    /** Tells parameters from buffers, as it was when the file was made. */
    static boolean isParameter(NDArray tensor) {
        return JniUtils.requiresGrad((PtNDArray) tensor);
    }

    /** Seeds what the next pass draws. */
    void seed(long given) {
        seed = OptionalLong.of(given);
    }

    /** @param inTraining the mode of every layer that has two: BatchNorm, Dropout */
    NDArray logits(NDArray images, boolean inTraining) {
        if (training != inTraining) {
            training = inTraining;
            if (training) {
                JniUtils.enableTrainingMode(block);
            } else {
                JniUtils.enableInferenceMode(block);
            }
        }
        if (seed.isEmpty()) {
            return forward(images);
        }
        synchronized (GENERATOR) {
            JniUtils.setSeed(seed.getAsLong());
            seed = OptionalLong.empty();
            return forward(images);
        }
    }

    private NDArray forward(NDArray images) {
        // not by the block's own forward, which marks what must not be trained; whether a computation is recorded is
        // the thread's setting, in either mode
        return IValueUtils.forward(block, new NDList(images), true).singletonOrThrow();
    }

    /** The shape of the logits of two images. */
    Shape shapeOfTwo(int size) {
        TorchEngine.enter(false);
        try (NDManager step = memory.newSubManager()) {
            return logits(step.zeros(new Shape(2, 3, size, size), DataType.FLOAT32), false)
                    .getShape();
        } catch (EngineException e) {
            throw new IllegalArgumentException(
                    "it does not compute images of %d x %d: %s".formatted(size, size, firstLine(e)), e);
        }
    }

    @Override
    public void close() {
        block.close();
        memory.close();
    }
}
