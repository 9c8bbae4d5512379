package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.local.cli.FissionFusion;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.synthetic.SyntheticLesions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example requests of large networks, shortened, with seeded weights of their shapes. */
class LargeImagesIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path ISIC = ROOT.resolveSibling("shared").resolve("data/isic2018-layout-sample");
    private static final int IMAGENET_CLASSES = 1000;

    @TempDir
    private Path folder;

    @Test
    void preparesTheIsicLayoutAndTrainsAResNet() throws Exception {
        assumeTrue(Files.isDirectory(ISIC), "skipped: there is no " + ISIC);
        Path files = folder.resolve("files");
        String prepared = files.resolve("ham10000").toString();
        assertThat(FissionFusion.execute(
                        "prepare", ISIC.toString(), "--layout", "isic-2018", "-o", prepared, "--image-size", "64"))
                .isZero();
        try (PreparedSet train = PreparedSet.open(files.resolve("ham10000/train.safetensors"))) {
            assertThat(train.size()).isEqualTo(252);
            assertThat(train.classNames()).containsExactly("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC");
        }
        weights("resnet50", files.resolve("weights/resnet50_imagenet_v2.safetensors"));

        requireSoups(run("ham10000-resnet50.yaml", files, Map.of("data.imageSize", "64", "training.batchSize", "32")));
    }

    @Test
    void trainsDeitTinyAt224() throws Exception {
        Path files = folder.resolve("files");
        var drawn = SyntheticLesions.write(folder.resolve("drawn"), 3, new SyntheticLesions.Sizes(8, 8, 12, 8, 8, 8));
        Path lesions = Files.createDirectories(files.resolve("lesions"));
        Files.copy(drawn.train(), lesions.resolve("train.safetensors"));
        Files.copy(drawn.validation(), lesions.resolve("validation.safetensors"));
        Files.copy(drawn.test(), lesions.resolve("test.safetensors"));
        weights("deit_tiny_patch16_224", files.resolve("weights/deit_tiny_patch16_224.safetensors"));

        requireSoups(run("lesions-deit-tiny.yaml", files, Map.of("training.batchSize", "4")));
    }

    private static void weights(String architecture, Path file) throws Exception {
        Files.createDirectories(file.getParent());
        InitialWeights.of(Architecture.named(architecture), IMAGENET_CLASSES, 1).write(file, Map.of("format", "pt"));
    }

    private JsonNode run(String example, Path files, Map<String, String> changes) throws Exception {
        var request = RequestYaml.read(ROOT.resolve("examples").resolve(example));
        Map<String, String> smaller = new LinkedHashMap<>(changes);
        smaller.put("selection.bootstrapResamples", "100");
        smaller.put("training.linearProbe.epochs", "1");
        smaller.put("training.fineTune.epochs", "1");
        smaller.put("training.fineTune.learningRates", "[1e-4]");
        smaller.put("training.fission.epochs", "1");
        RequestYaml.override(request, smaller);
        Path out = folder.resolve("out");

        int code = new LocalRun(out, 1, TinyExperiment.silent(), Optional.empty()).run(request, files);

        assertThat(code).isZero();
        return ResultsFile.read(out.resolve("results.json"));
    }

    private static void requireSoups(JsonNode results) {
        assertThat(results.path("checkpoints")).hasSize(2);
        assertThat(results.path("soups")
                        .valueStream()
                        .filter(soup -> soup.path("level").asText().equals("global"))
                        .map(soup -> soup.path("name").asText()))
                .containsExactly("best", "uniform", "greedy", "GoU", "GoG");
        results.path("soups")
                .forEach(soup -> assertThat(
                                soup.at("/scores/test/macro-recall/value").isNumber())
                        .isTrue());
    }
}
