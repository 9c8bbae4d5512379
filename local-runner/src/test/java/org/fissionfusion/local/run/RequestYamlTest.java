package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestYamlTest {
    @Test
    void namesFileLineAndColumnOfARepeatedKey() {
        assertThatThrownBy(() -> RequestYaml.parse("r.yaml", "a: 1\nb: 2\na: 3\n"))
                .isInstanceOf(RunRefused.class)
                .hasMessageContaining("r.yaml:3:")
                .hasMessageContaining("'a'");
    }

    @Test
    void refusesWhatIsNoMapping() {
        assertThatThrownBy(() -> RequestYaml.parse("r.yaml", "- a\n")).isInstanceOf(RunRefused.class);
    }

    @Test
    void readsAnExponentWithoutAPointAsANumber() throws Exception {
        assertThat(RequestYaml.parse("r", "rate: 1e-3").get("rate").isNumber()).isTrue();
    }

    @Test
    void putsSettingsOverTheFile() throws Exception {
        var request = RequestYaml.parse("r", "data: {imageSize: 32}\n");

        RequestYaml.override(request, Map.of("data.imageSize", "16", "training.batchSize", "8"));

        assertThat(request.at("/data/imageSize").asInt()).isEqualTo(16);
        assertThat(request.at("/training/batchSize").asInt()).isEqualTo(8);
    }

    @Test
    void resolvesRelativeAbsoluteAndFilePaths() {
        Path folder = Path.of("/requests");

        assertThat(RequestYaml.resolve(folder, "w/a.st")).isEqualTo(Path.of("/requests/w/a.st"));
        assertThat(RequestYaml.resolve(folder, "/w/a.st")).isEqualTo(Path.of("/w/a.st"));
        assertThat(RequestYaml.resolve(folder, "file:///w/a.st")).isEqualTo(Path.of("/w/a.st"));
    }
}
