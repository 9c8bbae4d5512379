package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedSetTest {
    private static final PreparedSetWriter.Origin ORIGIN = new PreparedSetWriter.Origin("made up", "CC0");
    private static final ImageShape PIXEL = new ImageShape(1, 1, 1);

    @TempDir
    private Path folder;

    private static LabelledImages threeFilms() {
        byte[] findings = {1, -2, 0, -1, 1, 1};
        return new LabelledImages(
                PIXEL,
                MemorySegment.ofArray(new byte[] {7, 8, 9}),
                new Labels.Findings(findings, List.of("Edema", "Fracture")),
                Optional.of(new int[] {4, 4, 5}),
                List.of(Column.of("view", List.of("PA", "", "AP")), Column.of("sex", List.of("f", "f", "m"))));
    }

    @Test
    void keepsFindingsGroupsAndColumns() throws Exception {
        // When
        Path file = folder.resolve("films.safetensors");
        PreparedSetWriter.write(file, threeFilms(), ORIGIN, Map.of());

        // Then
        try (PreparedSet set = PreparedSet.open(file)) {
            Labels.Findings findings = (Labels.Findings) set.labels();
            assertThat(findings.values()).containsExactly(1, -2, 0, -1, 1, 1);
            assertThat(set.classNames()).containsExactly("Edema", "Fracture");
            assertThat(set.group(2)).isEqualTo(5);
            assertThat(set.images().columns()).extracting(Column::name).containsExactly("sex", "view");
            Column view = set.images().column("view").orElseThrow();
            assertThat(view.levels()).containsExactly("AP", "PA", "unknown");
            assertThat(view.values()).containsExactly(1, 2, 0);
            assertThat(set.metadata())
                    .containsEntry("kind", "multilabel")
                    .containsEntry("classCounts", "2,1")
                    .containsEntry("absentCounts", "1,0")
                    .containsEntry("uncertainCounts", "0,1")
                    .containsEntry("blankCounts", "0,1");
            assertThatThrownBy(() -> set.label(0)).hasMessageContaining("multilabel");
        }
    }

    @Test
    void selectsAndJoinsImagesWithAllThatIsKnownOfThem() throws Exception {
        // Given
        BitSet lastTwo = new BitSet();
        lastTwo.set(1, 3);

        // When
        LabelledImages chosen = threeFilms().select(lastTwo);
        LabelledImages joined = LabelledImages.concatenated(List.of(chosen, threeFilms()));

        // Then
        assertThat(((Labels.Findings) joined.labels()).values()).containsExactly(0, -1, 1, 1, 1, -2, 0, -1, 1, 1);
        assertThat(joined.groups().orElseThrow()).containsExactly(4, 5, 4, 4, 5);
        assertThat(joined.column("view").orElseThrow().values()).containsExactly(2, 0, 1, 2, 0);
        assertThat(joined.image(1).get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
                .isEqualTo((byte) 9);
    }

    @Test
    void refusesAFindingOfAnUnknownValue() {
        assertThatThrownBy(() -> new Labels.Findings(new byte[] {0, 2}, List.of("Edema", "Fracture")))
                .hasMessageContaining("image 0, Fracture: value 2");
    }
}
