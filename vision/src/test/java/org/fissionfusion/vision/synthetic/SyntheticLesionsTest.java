package org.fissionfusion.vision.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.LeakageReport;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticLesionsTest {
    private static final SyntheticLesions.Sizes SMALL = new SyntheticLesions.Sizes(80, 40, 200, 60, 60, 60);

    @TempDir
    private Path folder;

    @Test
    void writesTheSameBytesForTheSameSeed() throws Exception {
        SyntheticLesions.Files a = SyntheticLesions.write(folder.resolve("a"), 1, SMALL);
        SyntheticLesions.Files b = SyntheticLesions.write(folder.resolve("b"), 1, SMALL);
        SyntheticLesions.Files c = SyntheticLesions.write(folder.resolve("c"), 2, SMALL);
        assertThat(a.train()).hasSameBinaryContentAs(b.train());
        assertThat(a.outOfDomain()).hasSameBinaryContentAs(b.outOfDomain());
        assertThat(java.nio.file.Files.mismatch(a.train(), c.train())).isNotNegative();
    }

    @Test
    void makesImbalancedSplitsWithoutLeakage() throws Exception {
        SyntheticLesions.Files files = SyntheticLesions.write(folder, 1, SMALL);
        try (PreparedSet train = PreparedSet.open(files.train());
                PreparedSet validation = PreparedSet.open(files.validation());
                PreparedSet test = PreparedSet.open(files.test());
                PreparedSet other = PreparedSet.open(files.outOfDomain())) {
            Map<Split, LabelledImages> splits = new EnumMap<>(Split.class);
            splits.put(Split.TRAIN, train.images());
            splits.put(Split.VALIDATION, validation.images());
            splits.put(Split.TEST, test.images());
            int[] counts = train.images().classCounts();
            assertThat(LeakageReport.of(splits).clean()).isTrue();
            assertThat(other.classNames()).isEqualTo(train.classNames());
            assertThat(counts[0]).isGreaterThan(2 * counts[4]);
            assertThat(counts).doesNotContain(0);
        }
    }
}
