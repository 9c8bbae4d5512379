package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.local.results.ResultsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PneumoniaSubsetIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path DATA = ROOT.resolveSibling("shared").resolve("data");

    @TempDir
    private Path out;

    @Test
    void learnsFromRealXRaysWithPretrainedWeights() throws Exception {
        assumeTrue(Files.isDirectory(DATA), "skipped: there is no " + DATA);
        var request = RequestYaml.read(ROOT.resolve("examples").resolve("pneumonia-resnet20.yaml"));
        Map<String, String> smaller = new LinkedHashMap<>();
        smaller.put("training.linearProbe.epochs", "1");
        smaller.put("training.fineTune.epochs", "1");
        smaller.put("training.fineTune.learningRates", "[1e-3, 1e-4]");
        smaller.put("training.fission.epochs", "1");
        smaller.put("training.gridSearch", "{augmentations: [minimal], seeds: [1]}");
        RequestYaml.override(request, smaller);

        int code = new LocalRun(out, 2, TinyExperiment.silent(), Optional.empty()).run(request, DATA);

        assertThat(code).isZero();
        JsonNode results = ResultsFile.read(out.resolve("results.json"));
        JsonNode best = results.path("soups")
                .valueStream()
                .filter(soup -> soup.path("name").asText().equals("GoG")
                        && soup.path("level").asText().equals("global"))
                .findFirst()
                .orElseThrow();
        assertThat(best.at("/scores/validation/macro-f1/value").asDouble()).isGreaterThan(0.8);
        assertThat(best.at("/scores/nih")).isNotEmpty();
        assertThat(results.path("notes").toString()).contains("leakage");
    }
}
