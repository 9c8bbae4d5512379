package org.fissionfusion.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.fissionfusion.runtime.ConfigException;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ForbiddenObjectException;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerServiceTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"sealed/a", "predictions/a", "scores/a", "documents/a", "outcomes/evaluation/a"})
    void seesNeitherSealedSetsNorWhatWasScoredOnThem(String key) {
        // Given
        ObjectStore store = new FolderStore(folder);
        store.createIfAbsent(key, new byte[] {1});

        // When
        ObjectStore view = TrainerService.view(store);

        // Then
        assertThatThrownBy(() -> view.read(key))
                .isInstanceOf(ForbiddenObjectException.class)
                .hasMessageContainingAll("a trainer may not use", key);
        assertThat(view.createIfAbsent("state/a", new byte[0])).isTrue();
    }

    @Test
    void refusesADeviceThatIsNotThere() {
        WorkerSettings worker = new WorkerSettings("t", 1, Duration.ofSeconds(30), "cuda:99", folder);
        ServiceConfig config = ServiceConfig.local("localhost:1", folder, worker);

        assertThatThrownBy(() -> TrainerService.launch(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("worker.device: cuda:99 is not allowed; allowed: a device of this machine")
                .hasMessageContaining("-Pgpu");
    }
}
