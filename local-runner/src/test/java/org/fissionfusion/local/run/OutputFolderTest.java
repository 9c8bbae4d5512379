package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    @TempDir
    private Path folder;

    @Test
    void belongsToOneRunAtATime() throws Exception {
        try (OutputFolder taken = OutputFolder.take(folder)) {
            assertThat(taken.root()).isDirectory();
            assertThatThrownBy(() -> OutputFolder.take(folder))
                    .isInstanceOf(RunRefused.class)
                    .hasMessageContaining("another process");
        }
        OutputFolder.take(folder).close();
    }

    @Test
    void belongsToOneRequestForEver() throws Exception {
        try (OutputFolder taken = OutputFolder.take(folder)) {
            taken.belongTo("a", "1");
            taken.belongTo("a", "1");
            assertThatThrownBy(() -> taken.belongTo("a", "2"))
                    .isInstanceOf(RunRefused.class)
                    .hasMessageContaining("choose another --out");
        }
    }
}
