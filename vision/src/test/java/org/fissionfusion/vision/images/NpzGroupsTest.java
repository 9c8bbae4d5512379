package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpzGroupsTest {
    private static final PreparationOptions OPTIONS = PreparationOptions.DEFAULT;

    @TempDir
    private Path folder;

    /** Texts of three characters, as NumPy stores them. */
    private static byte[] texts(String charset, String... texts) {
        return String.join("", texts).getBytes(Charset.forName(charset));
    }

    private Preparation.Prepared prepare(NpzFixture fixture) throws Exception {
        Path file = fixture.write(folder.resolve("a.npz"), true);
        return Preparation.inDomain(new ImageSource.Npz(file, List.of()), folder.resolve("out"), OPTIONS);
    }

    @ParameterizedTest
    @CsvSource({"<U3, UTF-32LE", ">U3, UTF-32BE", "|S3, US-ASCII"})
    void readsPatientsThatAreTexts(String descr, String charset) throws Exception {
        // Given
        NpzFixture fixture = NpzFixture.sound()
                .with("train_patient", descr, "(3,)", texts(charset, "p17", "p4\0", "p17"))
                .with("val_patient", descr, "(2, 1)", texts(charset, "q1\0", "q22"))
                .with("test_patient", descr, "(2,)", texts(charset, "r\0\0", "r\0\0"));

        // When
        Preparation.Prepared prepared = prepare(fixture);

        // Then
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN));
                PreparedSet test = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(train.group(0)).isEqualTo(train.group(2)).isNotEqualTo(train.group(1));
            assertThat(test.group(0)).isEqualTo(test.group(1)).isNotEqualTo(train.group(0));
        }
    }

    @Test
    void seesAPatientInTwoSplitsWhetherNumberOrText() {
        NpzFixture fixture = NpzFixture.sound()
                .with("train_groups", "<U3", "(3,)", texts("UTF-32LE", "p17", "42\0", "p17"))
                .with("val_groups", "|u1", "(2,)", new byte[] {42, 7});

        assertThatThrownBy(() -> prepare(fixture))
                .hasMessageContaining("train and validation share 0 equal pictures and 1 groups");
    }

    @Test
    void refusesAnotherNumberOfPatientsThanOfImages() {
        NpzFixture fixture = NpzFixture.sound().with("train_groups", "|u1", "(2,)", new byte[2]);

        assertThatThrownBy(() -> prepare(fixture))
                .hasMessageContaining("train_groups: shape [2]; allowed for the N = 3 images is N or N x 1");
    }

    @Test
    void refusesLabelsThatAreTexts() {
        NpzFixture fixture = NpzFixture.sound().with("train_labels", "|S1", "(3,)", new byte[] {'a', 'b', 'a'});

        assertThatThrownBy(() -> prepare(fixture)).hasMessageContaining("holds texts; allowed are whole numbers");
    }

    @Test
    void readsAnArrayThatIsLargerThanAPieceAndSeesItsEnd() throws Exception {
        byte[] content = new byte[3 * 700 * 700];
        new Random(5).nextBytes(content);
        byte[] npy = NpzFixture.npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 700, 700), }", content);

        NpyArray array = NpyArray.read("a", new ByteArrayInputStream(npy));

        assertThat(array.content().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content);
        assertThatThrownBy(() -> NpyArray.read("a", new ByteArrayInputStream(npy, 0, npy.length - 1)))
                .hasMessageContaining("ends after 1469999 of 1470000 bytes");
    }
}
