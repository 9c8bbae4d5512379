package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An .npz of N x T labels, like ChestMNIST's, holds findings. */
class NpzFindingsTest {
    @TempDir
    private Path folder;

    private static NpzFixture films() {
        return NpzFixture.sound()
                .with("train_labels", "|u1", "(3, 2)", new byte[] {0, 1, 1, 1, 0, 0})
                .with("val_labels", "|u1", "(2, 2)", new byte[] {0, 0, 1, 0})
                .with("test_labels", "|u1", "(2, 2)", new byte[] {1, 0, 0, 1});
    }

    private Preparation.Prepared prepare(NpzFixture fixture, List<String> names) throws Exception {
        Path file = fixture.write(folder.resolve("chest.npz"), true);
        return Preparation.inDomain(
                new ImageSource.Npz(file, names), folder.resolve("out"), PreparationOptions.DEFAULT);
    }

    @Test
    void readsEveryFindingOfAnImage() throws Exception {
        Preparation.Prepared prepared = prepare(films(), List.of("edema", "nodule"));
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN))) {
            assertThat(((Labels.Findings) train.labels()).values()).containsExactly(0, 1, 1, 1, 0, 0);
            assertThat(train.classNames()).containsExactly("edema", "nodule");
            assertThat(train.metadata()).containsEntry("kind", "multilabel").containsEntry("classCounts", "1,2");
        }
    }

    @Test
    void numbersFindingsWithoutNames() throws Exception {
        assertThat(prepare(films(), List.of()).classNames()).containsExactly("0", "1");
    }

    @Test
    void refusesOtherValuesAndNumbersOfFindings() {
        assertThatThrownBy(() -> prepare(films(), List.of("edema")))
                .hasMessageContaining("train_labels: has 2 values an image, but there are 1 class names (edema)");
        assertThatThrownBy(() ->
                        prepare(films().with("val_labels", "|u1", "(2, 3)", new byte[] {0, 0, 1, 0, 1, 1}), List.of()))
                .hasMessageContaining("val_labels: has 3 values an image, but there are 2 class names");
        assertThatThrownBy(() -> prepare(films().with("val_labels", "|u1", "(2, 1)", new byte[] {0, 1}), List.of()))
                .hasMessageContaining("val_labels: has 1 values an image");
        assertThatThrownBy(() ->
                        prepare(films().with("val_labels", "|u1", "(2, 2)", new byte[] {0, 0, 2, 0}), List.of()))
                .hasMessageContaining("val_labels[2]: value 2 is outside -2..1");
        assertThatThrownBy(() -> prepare(films().with("val_labels", "|u1", "(1, 2)", new byte[] {0, 0}), List.of()))
                .hasMessageContaining("val_labels: shape [1, 2]");
    }
}
