package org.fissionfusion.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.vision.model.Precision;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BenchIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RUN") // minutes long, and EndToEndIT runs all of it
    void everySectionMeasuresSomething(Bench.Section section) throws Exception {
        Bench bench = new Bench(
                new Bench.Steps("resnet20", 4, List.of(1), 1, 1, Precision.BF16, Optional.empty()),
                new Bench.Sizes(1, 4, 2, 2, 4, 100, 1),
                Optional.empty());

        List<Figure> figures = bench.measure(section, folder);

        assertThat(figures).isNotEmpty().allSatisfy(figure -> {
            assertThat(figure.value()).as(figure.name()).isFinite().isNotNegative();
            boolean noneIsBest = figure.unit().equals("bytes") || figure.goal().equals(new Figure.AtMost(0));
            if (!noneIsBest) {
                assertThat(figure.value()).as(figure.name()).isPositive();
            }
        });
        Bench.remove(folder);
        assertThat(folder).doesNotExist();
        Files.createDirectory(folder); // what JUnit deletes
    }
}
