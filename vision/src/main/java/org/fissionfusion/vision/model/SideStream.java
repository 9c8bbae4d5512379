package org.fissionfusion.vision.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Lets what a thread copies to a CUDA device be copied while the device computes for other threads, whose work is on
 * the default stream. A copy is complete when the call that made it returns.
 *
 * <p>The device's memory for such copies is given out anew as soon as an array is closed, whatever other streams still
 * compute: close it after that.
 */
public final class SideStream {
    private static final String NAME = "stream";

    private SideStream() {}

    /** The calling thread's copies have their own stream from now on; nothing where the engine computes on the host. */
    public static void enter() {
        Device device = TorchEngine.device();
        if (device.isGpu()) {
            run(program(device.getDeviceId()));
        }
    }

    static String program(int device) {
        return """
                class Net(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
                    stream = __torch__.torch.classes.cuda.Stream.__new__(__torch__.torch.classes.cuda.Stream)
                    _0 = (stream).__init__(torch.device("cuda:%d"), 0, )
                    _1 = ops.cuda.set_stream(stream)
                    return x
                """.formatted(device);
    }

    private static void run(String program) {
        try (Model model = load(program);
                NDManager memory = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                NDArray any = memory.create(0f)) {
            model.getBlock().forward(new ParameterStore(memory, false), new NDList(any), false);
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("the engine has no streams: " + e.getMessage(), e);
        }
    }

    private static Model load(String program) throws IOException, MalformedModelException {
        Path folder = Files.createTempDirectory("fissionfusion-stream");
        Path archive = folder.resolve(NAME + ".pt");
        Model model = Model.newInstance(NAME, Device.cpu(), "PyTorch");
        try {
            TorchScriptArchive.write(archive, NAME, program);
            model.load(folder, NAME, Map.of());
            return model;
        } catch (IOException | MalformedModelException | RuntimeException e) {
            model.close();
            throw e;
        } finally {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(folder);
        }
    }
}
