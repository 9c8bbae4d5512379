package org.fissionfusion.evaluator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.fissionfusion.runtime.ConfigException;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatorServiceTest {
    @TempDir
    private Path folder;

    @Test
    void refusesADeviceThatIsNotThere() {
        WorkerSettings worker = new WorkerSettings("e", 1, Duration.ofSeconds(30), "cuda:99", folder);
        ServiceConfig config = ServiceConfig.local("localhost:1", folder, worker);

        assertThatThrownBy(() -> EvaluatorService.launch(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("worker.device: cuda:99 is not allowed; allowed: a device of this machine")
                .hasMessageContaining("-Pgpu");
    }
}
