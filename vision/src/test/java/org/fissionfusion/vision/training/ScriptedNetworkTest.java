package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.fissionfusion.vision.model.ModelTensor;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that PyTorch scripted, against what PyTorch computes with it; python/script_fixture.py made both. */
class ScriptedNetworkTest {
    private static final int CLASSES = 5;
    private static final int BATCH = 4;
    private static final int SIZE = 16;
    private static final long[] LABELS = {0, 1, 2, 3};

    @TempDir
    Path folder;

    private static Path resource(String name) {
        return Path.of(
                URI.create(GoldenNumbers.class.getResource(name).toString().replace("file:/", "file:///")));
    }

    private static JsonNode golden() throws IOException {
        return new ObjectMapper().readTree(resource("scripted.json").toFile());
    }

    private static Architecture scripted() throws IOException {
        return Architecture.scripted(resource("scripted.pt"), "script", SIZE, CLASSES);
    }

    private static ModelWeights weights(Architecture architecture) throws IOException {
        return ModelWeights.read(resource("scripted.safetensors"), architecture, CLASSES);
    }

    @Test
    void knowsParametersBuffersAndHead() throws IOException {
        Map<String, ModelTensor> tensors = scripted().tensorsByName(CLASSES);

        assertThat(tensors.get("stem.weight").kind()).isEqualTo(ModelTensor.Kind.WEIGHT);
        assertThat(tensors.get("norm.weight").kind()).isEqualTo(ModelTensor.Kind.NORM);
        assertThat(tensors.get("norm.running_mean").kind()).isEqualTo(ModelTensor.Kind.BUFFER);
        assertThat(tensors.get("scale").kind()).isEqualTo(ModelTensor.Kind.BUFFER);
        assertThat(tensors.values().stream().filter(ModelTensor::head).map(ModelTensor::name))
                .containsExactly("fc.weight", "fc.bias");
        assertThat(scripted().counters()).allSatisfy(counter -> {
            assertThat(counter.name()).endsWith("num_batches_tracked");
            assertThat(counter.dtype()).isEqualTo(DType.I64);
        });
    }

    @Test
    void scoresAsPyTorchDoes() throws IOException {
        Architecture architecture = scripted();
        try (Network network = Network.load(architecture, CLASSES)) {
            network.set(weights(architecture));

            float[] logits = network.logits(GoldenNumbers.images(BATCH, SIZE), BATCH, SIZE);

            Iterator<JsonNode> wanted = golden().get("logits").iterator();
            for (float logit : logits) {
                assertThat((double) logit).isCloseTo(wanted.next().asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void trainsAllAsPyTorchDoes() throws IOException {
        train("fine-tune", new TrainingStage.FineTune(new CosineSchedule(1e-2, 1), Optional.empty()));
    }

    @Test
    void trainsTheHeadAloneAsPyTorchDoes() throws IOException {
        train("probe", new TrainingStage.LinearProbe(new CosineSchedule(1e-2, 1), BatchNormMode.FROZEN));
    }

    private static void train(String kind, TrainingStage stage) throws IOException {
        JsonNode golden = golden().get(kind);
        Architecture architecture = scripted();
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.NONE, BATCH, 1);
        TrainingPlan plan = new TrainingPlan(architecture, CLASSES, stage, input, OptimizerSettings.PAPER, 1);
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(weights(architecture));
            for (JsonNode loss : golden.get("losses")) {
                assertThat((double) network.step(GoldenNumbers.images(BATCH, SIZE), LABELS, BATCH, 1e-2))
                        .isCloseTo(loss.asDouble(), within(1e-5));
            }
            ModelWeights trained =
                    ModelWeights.of(architecture, CLASSES, network.snapshot().weights());
            golden.get("sums")
                    .properties()
                    .forEach(entry -> assertThat(sum(trained.tensor(entry.getKey())))
                            .as(entry.getKey())
                            .isCloseTo(entry.getValue().asDouble(), within(2e-5)));
            assertThat(trained.tensors()).hasSize(golden.get("sums").size());
        }
    }

    private static double sum(Tensor tensor) {
        double sum = 0;
        for (long i = 0; i < tensor.spec().elements(); i++) {
            sum += tensor.spec().dtype() == DType.I64
                    ? tensor.bytes().getAtIndex(ValueLayout.JAVA_LONG, i)
                    : tensor.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return sum;
    }

    /** The class path of a layer may name a package "ops", and newer operators move the version to another entry. */
    @Test
    void takesTorchvisionsLayersAndVersionedOperators() throws IOException {
        try (ZipFile zip = new ZipFile(resource("drawing.pt").toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName))
                    .contains("drawing/.data/version", "drawing/code/__torch__/torchvision/ops/misc.py");
        }

        assertThat(Architecture.scripted(resource("drawing.pt"), "script", 32, 3)
                        .tensorsByName(3))
                .containsKey("stem.1.running_mean");
    }

    @Test
    void refusesOtherClassesThanTheRequests() {
        assertThatThrownBy(() -> Architecture.scripted(resource("scripted.pt"), "script", SIZE, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "scripted.pt: no layer has a weight of 7 rows; allowed is a network made for the request's 7"
                                + " classes");
    }

    @Test
    void refusesWhatIsNoScript() {
        assertThatThrownBy(() -> Architecture.scripted(resource("scripted.safetensors"), "script", SIZE, CLASSES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scripted.safetensors: is no archive of torch.jit.script(net).save");
    }

    @Test
    void refusesCodeThatWouldUseFilesAndFilesThatDoNotBelong() throws IOException {
        assertThatThrownBy(() -> Architecture.scripted(
                        altered("code/__torch__.py", "\n# torch.from_file(\"/etc/passwd\")\n"),
                        "script",
                        SIZE,
                        CLASSES))
                .hasMessageContaining("code/__torch__.py calls torch.from_file; allowed are PyTorch's own operators");
        assertThatThrownBy(() -> Architecture.scripted(
                        altered("code/__torch__.py", "\n# torch . load\n"), "script", SIZE, CLASSES))
                .hasMessageContaining("calls torch . load");
        assertThatThrownBy(() -> Architecture.scripted(
                        altered("code/__torch__.py", "\n# (ops.torchvision.nms(x))\n"), "script", SIZE, CLASSES))
                .hasMessageContaining("calls ops.torchvision");
        assertThatThrownBy(() -> Architecture.scripted(altered("extra/x", "x"), "script", SIZE, CLASSES))
                .hasMessageContaining("holds scripted/extra/x; allowed is what torch.jit.script(net).save writes");
    }

    private Path altered(String name, String appended) throws IOException {
        Path file = folder.resolve("altered.pt");
        try (ZipFile from = new ZipFile(resource("scripted.pt").toFile());
                OutputStream out = Files.newOutputStream(file);
                ZipOutputStream to = new ZipOutputStream(out)) {
            boolean found = false;
            for (ZipEntry entry : from.stream().toList()) {
                to.putNextEntry(new ZipEntry(entry.getName()));
                to.write(from.getInputStream(entry).readAllBytes());
                if (entry.getName().endsWith("/" + name)) {
                    to.write(appended.getBytes(java.nio.charset.StandardCharsets.UTF_8));
                    found = true;
                }
            }
            if (!found) {
                to.putNextEntry(new ZipEntry("scripted/" + name));
                to.write(1);
            }
        }
        return file;
    }
}
