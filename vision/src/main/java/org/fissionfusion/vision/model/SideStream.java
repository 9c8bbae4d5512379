package org.fissionfusion.vision.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.util.Map;

/**
 * Lets what a thread copies to a CUDA device be copied while the device computes for other threads, whose work is on
 * the default stream. A copy is complete when the call that made it returns.
 *
 * <p>The device's memory for such copies is given out anew as soon as an array is closed, whatever other streams still
 * compute: close it after that.
 */
public final class SideStream {
    private static final String NAME = "fissionfusion-stream";

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
        try (Model model = TorchScriptArchive.load(NAME, program, Device.cpu(), Map.of());
                NDManager memory = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                NDArray any = memory.create(0f)) {
            model.getBlock().forward(new ParameterStore(memory, false), new NDList(any), false);
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("the engine has no streams: " + e.getMessage(), e);
        }
    }
}
