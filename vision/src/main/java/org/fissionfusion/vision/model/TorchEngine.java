package org.fissionfusion.vision.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Map;
import java.util.TreeMap;

/**
 * The native engine of this process. Loaded once, with a fixed number of threads per operation, because results depend
 * on that number; parallel work is done by several Java threads instead, whose results do not.
 */
public final class TorchEngine {
    private static final String THREADS = "ai.djl.pytorch.num_threads";
    private static int threads;
    private static Device device = Device.cpu();

    private TorchEngine() {}

    /**
     * Loads the engine with this many threads per operation.
     *
     * @throws IllegalStateException when it already runs with another number
     * @throws EngineException when it cannot be loaded; one for CUDA is not where there is no GPU
     */
    public static synchronized void start(int threadsPerOperation) {
        if (threadsPerOperation < 1) {
            throw new IllegalArgumentException("threads: " + threadsPerOperation + " is less than 1");
        }
        if (threads == threadsPerOperation) {
            return;
        }
        if (threads != 0) {
            throw new IllegalStateException("the engine already runs with %d threads per operation, not %d"
                    .formatted(threads, threadsPerOperation));
        }
        System.setProperty("ai.djl.offline", "true");
        // read when the engine loads: the optimizer would save inference tensors for the backward pass
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        System.setProperty(THREADS, Integer.toString(threadsPerOperation));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        boolean forCuda = CudaRuntime.offer();
        try {
            Engine.getEngine("PyTorch");
        } catch (EngineException e) {
            throw forCuda
                    ? new EngineException(
                            "this build (-Pgpu) runs where an NVIDIA driver finds a GPU, and none is found here", e)
                    : e;
        }
        threads = threadsPerOperation;
    }

    /**
     * Loads the engine and computes on this device from now on.
     *
     * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws DeviceUnavailableException when the engine cannot compute there
     */
    public static synchronized void start(int threadsPerOperation, String name) throws DeviceUnavailableException {
        try {
            start(threadsPerOperation);
        } catch (EngineException e) {
            throw new DeviceUnavailableException(name, e);
        }
        Device wanted = deviceNamed(name);
        if (wanted.isGpu()) {
            try (NDManager there = NDManager.newBaseManager(wanted, "PyTorch")) {
                there.zeros(new Shape(1)).toFloatArray();
            } catch (RuntimeException e) {
                throw new DeviceUnavailableException(name, e);
            }
        }
        device = wanted;
    }

    static Device deviceNamed(String name) {
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        if (!name.matches("cuda(:\\d{1,3})?")) {
            throw new IllegalArgumentException("device '" + name + "'; allowed: cpu, cuda or cuda:N");
        }
        return Device.gpu(name.equals("cuda") ? 0 : Integer.parseInt(name.substring("cuda:".length())));
    }

    /** Where networks, their inputs and the optimizer's state live. */
    static synchronized Device device() {
        return device;
    }

    /** True when arrays lie in main memory. */
    public static boolean onHost() {
        return !device().isGpu();
    }

    /** The number it runs with, loading it with one thread per operation if it does not run yet. */
    public static synchronized int threads() {
        if (threads == 0) {
            start(1);
        }
        return threads;
    }

    /** Prepares the calling thread; the engine keeps these settings per thread. */
    public static void enter(boolean gradients) {
        JniUtils.setNumThreads(threads());
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(gradients);
    }

    /** What bitwise reproduction depends on, for the record of a checkpoint. */
    public static Map<String, String> platform(Precision precision) {
        Map<String, String> platform = new TreeMap<>();
        platform.put("threads", Integer.toString(threads()));
        platform.put("engine", "PyTorch " + Engine.getEngine("PyTorch").getVersion());
        platform.put("device", onHost() ? "cpu" : "cuda:" + device().getDeviceId());
        platform.put("precision", precision.wireName());
        platform.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return platform;
    }
}
