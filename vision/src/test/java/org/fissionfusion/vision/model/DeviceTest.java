package org.fissionfusion.vision.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.fissionfusion.core.weights.Tensor;
import org.junit.jupiter.api.Test;

class DeviceTest {
    private static final Architecture RESNET = Architecture.named("resnet20");

    @Test
    void namesADeviceAsPyTorchDoes() {
        assertThat(TorchEngine.deviceNamed("cpu")).isEqualTo(Device.cpu());
        assertThat(TorchEngine.deviceNamed("cuda")).isEqualTo(Device.gpu(0));
        assertThat(TorchEngine.deviceNamed("cuda:2")).isEqualTo(Device.gpu(2));
        assertThatThrownBy(() -> TorchEngine.deviceNamed("tpu")).hasMessageContaining("allowed: cpu, cuda or cuda:N");
    }

    @Test
    void refusesAGpuThatIsNotThereAndGoesOnWhereItWas() {
        int threads = TorchEngine.threads();

        assertThatThrownBy(() -> TorchEngine.start(threads, "cuda:99"))
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessageStartingWith("no computation on 'cuda:99': ")
                .hasMessageEndingWith("GPUs need a build with -Pgpu, an NVIDIA driver and a GPU of that number");

        assertThat(TorchEngine.onHost()).isTrue();
        assertThat(TorchEngine.platform(Precision.FP32)).containsEntry("device", "cpu");
    }

    /** The way of numbers to and from a device, with main memory in its place. */
    @Test
    void copiesWeightsInAndOutWithoutChangingABit() throws IOException {
        ModelWeights weights = InitialWeights.of(RESNET, 4, 1);
        Pixels images = Pixels.random(2, 16, 1);
        try (Network viewed = Network.load(RESNET, 4);
                Network copied = Network.load(RESNET, 4, Computation.PAPER, StepSpec.PAPER, false)) {
            viewed.set(weights);
            copied.set(weights);
            copied.weight("conv1.weight").setRequiresGradient(true);
            copied.set(weights);

            assertSame(copied.snapshot(), viewed.snapshot());
            assertSame(copied.snapshot(), List.copyOf(weights.tensors()));
            assertThat(copied.logits(images.buffer(), 2, 16))
                    .containsExactly(viewed.logits(images.buffer(), 2, 16), within(1e-5f));
        }
    }

    /** Its linear maps are the engine's own there, and not oneDNN's as on the host. */
    @Test
    void computesOnADeviceWhatTheHostComputes() throws IOException {
        Architecture transformer = Architecture.named("vit-micro");
        Pixels images = Pixels.random(2, 32, 1);
        try (Network host = Network.load(transformer, 4);
                Network device = Network.load(transformer, 4, Computation.PAPER, StepSpec.PAPER, false)) {
            host.set(InitialWeights.of(transformer, 4, 1));
            device.set(InitialWeights.of(transformer, 4, 1));

            float[] logits = host.logits(images.buffer(), 2, 32);

            assertThat(logits).doesNotContain(0);
            assertThat(device.logits(images.buffer(), 2, 32)).containsExactly(logits, within(1e-5f));
        }
    }

    private static void assertSame(List<Tensor> tensors, List<Tensor> wanted) {
        assertThat(tensors).hasSameSizeAs(wanted);
        for (int i = 0; i < tensors.size(); i++) {
            MemorySegment bytes = tensors.get(i).bytes();
            assertThat(tensors.get(i).spec()).isEqualTo(wanted.get(i).spec());
            assertThat(bytes.mismatch(wanted.get(i).bytes())).isEqualTo(-1);
        }
    }
}
