package org.fissionfusion.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ForbiddenObjectException;
import org.fissionfusion.runtime.ObjectStore;
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
}
