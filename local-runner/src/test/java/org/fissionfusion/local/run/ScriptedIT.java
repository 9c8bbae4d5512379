package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.local.results.ResultsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tiny experiment with a network that PyTorch scripted. */
class ScriptedIT {
    private static final Path FIXTURES = Path.of("..", "vision/src/test/resources/org/fissionfusion/vision/model");

    @TempDir
    private Path out;

    @Test
    void trainsBlendsAndScoresAScript() throws Exception {
        ObjectNode request = scripted(TinyExperiment.prepare(out));

        int code = new LocalRun(out, 2, TinyExperiment.silent(), Optional.empty()).run(request, out);

        assertThat(code).isZero();
        JsonNode results = ResultsFile.read(out.resolve("results.json"));
        assertThat(results.path("checkpoints")).hasSize(2 + 2 + 2);
        List<JsonNode> global = results.path("soups")
                .valueStream()
                .filter(soup -> soup.path("level").asText().equals("global"))
                .toList();
        assertThat(global.stream().map(soup -> soup.path("name").asText()))
                .containsExactly("best", "uniform", "greedy", "GoU", "GoG", "gridSearch/greedy");
        for (JsonNode soup : global) {
            assertThat(soup.at("/scores/test/macro-f1/value").isNumber()).isTrue();
            try (SafetensorsFile file =
                    SafetensorsFile.open(out.resolve(soup.path("file").asText()))) {
                assertThat(file.tensors().stream().map(spec -> spec.name()))
                        .contains("stem.weight", "norm.running_mean", "norm.num_batches_tracked", "scale", "fc.bias");
                assertThat(file.metadata().get("architecture")).startsWith("script:");
            }
        }
    }

    @Test
    void namesTheScriptThatIsNone() throws Exception {
        ObjectNode request = scripted(TinyExperiment.prepare(out));
        Files.writeString(out.resolve("net.pt"), "no archive");

        assertThatThrownBy(() -> new LocalRun(out, 1, TinyExperiment.silent(), Optional.empty()).run(request, out))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("model.script")
                .hasMessageContaining("torch.jit.script(net).save");
    }

    private ObjectNode scripted(Path file) throws Exception {
        Files.copy(FIXTURES.resolve("scripted.pt"), out.resolve("net.pt"));
        Files.copy(FIXTURES.resolve("scripted.safetensors"), out.resolve("net.safetensors"));
        ObjectNode request = RequestYaml.read(file);
        RequestYaml.override(
                request,
                Map.of(
                        "model", "{architecture: script, script: net.pt, weights: net.safetensors}",
                        "selection.reestimateBatchNorm", "false"));
        return request;
    }
}
