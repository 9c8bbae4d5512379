package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSetWriter;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole experiment on films of several findings, uncertain and unmentioned ones among them. */
class FindingsIT {
    private static final int SIZE = 16;
    private static final List<String> NAMES =
            List.of("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion", "Fracture");
    private static final String REQUEST = """
            experiment: films
            model: {architecture: resnet20, weights: weights.safetensors}
            data:
              inDomain: films
              outOfDomain: {elsewhere: elsewhere.safetensors}
              findings: {uncertain: ones}
              imageSize: 16
            selection: {metric: frequent-auroc, bootstrapResamples: 100}
            training:
              batchSize: 32
              linearProbe: {epochs: 1, learningRate: 1e-3}
              fineTune: {epochs: 2, learningRates: [3e-3, 1e-3], augmentation: none, seed: 1}
              fission: {epochs: 1, cycle: 4, maxLearningRate: 1e-4, minLearningRate: 1e-7}
            strategies: [best, uniform, greedy, GoU]
            """;

    @TempDir
    private Path out;

    /** A finding brightens its third of a row of blocks; three films of a set show a fracture. */
    private static void write(Path file, int images, long seed) throws PreparationException {
        Random random = new Random(seed);
        ImageShape shape = new ImageShape(SIZE, SIZE, 1);
        MemorySegment pixels = Arena.ofAuto().allocate((long) images * shape.bytes());
        byte[] values = new byte[images * NAMES.size()];
        for (int i = 0; i < images; i++) {
            boolean[] shown = new boolean[6];
            for (int f = 0; f < 6; f++) {
                shown[f] = f == 5 ? i < 3 : random.nextInt(3) == 0;
                int report = random.nextInt(10);
                values[i * 6 + f] = shown[f]
                        ? report == 0 && f < 5 ? Labels.Findings.UNCERTAIN : Labels.Findings.PRESENT
                        : report == 1 ? Labels.Findings.BLANK : Labels.Findings.ABSENT;
            }
            for (int p = 0; p < SIZE * SIZE; p++) {
                int block = 3 * (p / SIZE / 8) + Math.min(2, p % SIZE / 5);
                int value = 40 + random.nextInt(60) + (shown[block] ? 110 : 0);
                pixels.set(ValueLayout.JAVA_BYTE, (long) i * SIZE * SIZE + p, (byte) value);
            }
        }
        PreparedSetWriter.write(
                file,
                new LabelledImages(shape, pixels, new Labels.Findings(values, NAMES), Optional.empty(), List.of()),
                new PreparedSetWriter.Origin("made up", "none"),
                Map.of());
    }

    private Path prepare() throws Exception {
        write(out.resolve("films/train.safetensors"), 160, 1);
        write(out.resolve("films/validation.safetensors"), 80, 2);
        write(out.resolve("films/test.safetensors"), 80, 3);
        write(out.resolve("elsewhere.safetensors"), 60, 4);
        InitialWeights.of(Architecture.named("resnet20", SIZE), 10, 1)
                .write(out.resolve("weights.safetensors"), Map.of("format", "pt"));
        return Files.writeString(out.resolve("films.yaml"), REQUEST);
    }

    @Test
    void selectsByFrequentFindingsAndTellsEachOne() throws Exception {
        // Given
        Path request = prepare();
        Path folder = out.resolve("run");

        // When
        int code = TinyExperiment.run(folder, request);

        // Then
        assertThat(code).isZero();
        JsonNode results = ResultsFile.read(folder.resolve("results.json"));
        assertThat(results.at("/selection/metric").asText()).isEqualTo("frequent-auroc");
        for (JsonNode soup : results.path("soups")) {
            for (String split : List.of("validation", "test", "elsewhere")) {
                JsonNode metrics = soup.at("/scores/" + split);
                assertThat(metrics.fieldNames())
                        .toIterable()
                        .containsExactlyInAnyOrder(
                                "accuracy", "auroc", "brier", "competition-auroc", "ece", "frequent-auroc", "log-loss");
                JsonNode findings = soup.at("/findings/" + split);
                assertThat(findings.fieldNames()).toIterable().containsExactlyElementsOf(NAMES);
                assertThat(findings.at("/Fracture/positives").asInt()).isEqualTo(3);
                // the fracture is in the mean over the defined findings alone
                assertThat(metrics.at("/frequent-auroc/value"))
                        .isEqualTo(metrics.at("/competition-auroc/value"))
                        .isNotEqualTo(metrics.at("/auroc/value"));
                double sum = 0;
                for (String name : NAMES) {
                    sum += findings.path(name).at("/auroc/value").asDouble();
                }
                assertThat(sum / 6)
                        .isCloseTo(metrics.at("/auroc/value").asDouble(), org.assertj.core.api.Assertions.within(1e-9));
            }
            assertThat(soup.at("/calibration/temperature").asDouble()).isPositive();
        }
        assertThat(results.at("/tasks/1/epochs/1/trainLoss").asDouble())
                .isLessThan(results.at("/tasks/1/epochs/0/trainLoss").asDouble());
        assertThat(results.path("comparisons")).isNotEmpty();
        assertThat(Files.readString(folder.resolve("report.html"))).contains("Pleural Effusion");
        String before = Files.readString(folder.resolve("results.json"));
        assertThat(TinyExperiment.run(folder, request)).isZero();
        assertThat(Files.readString(folder.resolve("results.json"))).isEqualTo(before);
    }

    @Test
    void refusesWhatOnlyClassesHave() throws Exception {
        Path request = prepare();
        for (Map<String, String> setting : List.of(
                Map.of("selection.metric", "macro-f1"),
                Map.of("training.classWeighted", "true"),
                Map.of("training.labelSmoothing", "0.1"))) {
            var tree = RequestYaml.read(request);
            RequestYaml.override(tree, setting);

            assertThatThrownBy(() -> new LocalRun(out.resolve("run"), 1, TinyExperiment.silent(), Optional.empty())
                            .run(tree, out))
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("multilabel");
        }
    }
}
