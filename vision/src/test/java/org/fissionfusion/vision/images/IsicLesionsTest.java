package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layout of ISIC 2018 task 3 with made-up pictures. */
class IsicLesionsTest {
    private static final PreparationOptions SMALL =
            new PreparationOptions(4, Resize.DEFAULT, LeakagePolicy.ERROR, 0, "x");

    @TempDir
    private Path folder;

    private int level;

    private void split(String part, String... rows) throws IOException {
        String prefix = "ISIC2018_Task3_" + part;
        Path input = Files.createDirectories(folder.resolve(prefix + "_Input"));
        StringBuilder csv = new StringBuilder("image,MEL,NV\n");
        for (String row : rows) {
            csv.append(row).append('\n');
            BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
            level += 10;
            image.setRGB(1, 1, level << 8);
            ImageIO.write(
                    image,
                    "png",
                    input.resolve(row.substring(0, row.indexOf(',')) + ".png").toFile());
        }
        Path truth = Files.createDirectories(folder.resolve(prefix + "_GroundTruth"));
        Files.writeString(truth.resolve(prefix + "_GroundTruth.csv"), csv);
    }

    private void groupings(String rows) throws IOException {
        Files.writeString(
                folder.resolve("ISIC2018_Task3_Training_LesionGroupings.csv"),
                "image,lesion_id,diagnosis_confirm_type\n" + rows);
    }

    private Preparation.Prepared prepare() throws PreparationException {
        return Preparation.inDomain(ImageSource.detect(folder, List.of(), 0), folder.resolve("out"), SMALL);
    }

    @Test
    void picturesOfOneLesionAreOneGroupAndOthersStandAlone() throws Exception {
        // Given
        split("Training", "ISIC_1,1.0,0.0", "ISIC_2,0.0,1.0", "ISIC_3,1.0,0.0");
        split("Validation", "ISIC_4,0.0,1.0", "ISIC_5,1.0,0.0");
        groupings("ISIC_1,HAM_7,histopathology\nISIC_3,HAM_7,histopathology\nISIC_2,HAM_8,consensus\n");

        // When
        Preparation.Prepared prepared = prepare();

        // Then
        assertThat(prepared.files()).containsOnlyKeys(Split.TRAIN, Split.VALIDATION);
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN));
                PreparedSet validation = PreparedSet.open(prepared.files().get(Split.VALIDATION))) {
            assertThat(train.hasGroups()).isTrue();
            assertThat(train.group(0)).isEqualTo(train.group(2)).isNotEqualTo(train.group(1));
            assertThat(validation.group(0)).isNotEqualTo(validation.group(1)).isNotEqualTo(train.group(0));
        }
    }

    @Test
    void aLesionInTwoSplitsIsLeakage() throws Exception {
        split("Training", "ISIC_1,1.0,0.0", "ISIC_2,0.0,1.0");
        split("Validation", "ISIC_4,0.0,1.0");
        groupings("ISIC_1,HAM_7,histopathology\nISIC_4,HAM_7,histopathology\n");

        assertThatThrownBy(this::prepare)
                .hasMessageContaining("train and validation share 0 equal pictures and 1 groups");
    }

    @Test
    void withoutGroupingsNoGroupsAreKnown() throws Exception {
        split("Training", "ISIC_1,1.0,0.0", "ISIC_2,0.0,1.0");
        split("Validation", "ISIC_4,0.0,1.0");

        try (PreparedSet train = PreparedSet.open(prepare().files().get(Split.TRAIN))) {
            assertThat(train.hasGroups()).isFalse();
        }
    }
}
