package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparationTest {
    private static final PreparationOptions OPTIONS = PreparationOptions.DEFAULT;

    @TempDir
    private Path folder;

    private static ImageSource npz(Path file) {
        return new ImageSource.Npz(file, List.of());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void preparesAStoredOrDeflatedNpz(boolean deflated) throws Exception {
        // Given
        Path file = NpzFixture.sound().write(folder.resolve("a.npz"), deflated);

        // When
        Preparation.Prepared prepared = Preparation.inDomain(npz(file), folder.resolve("out"), OPTIONS);

        // Then
        assertThat(prepared.files()).containsOnlyKeys(Split.TRAIN, Split.VALIDATION, Split.TEST);
        assertThat(prepared.leakage().clean()).isTrue();
        try (PreparedSet test = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(test.size()).isEqualTo(2);
            assertThat(test.shape()).isEqualTo(new ImageShape(2, 2, 1));
            assertThat(test.label(0)).isEqualTo(1);
            assertThat(test.group(1)).isEqualTo(1);
            assertThat(test.hasGroups()).isFalse();
            assertThat(test.classNames()).containsExactly("0", "1");
            assertThat(test.pixels().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(NpzFixture.bytes(201, 8));
            assertThat(test.metadata()).containsEntry("classCounts", "1,1").containsEntry("source", "a.npz");
        }
    }

    @Test
    void writesTheSameBytesTwice() throws Exception {
        Path file = NpzFixture.sound().write(folder.resolve("a.npz"), true);
        Path a = Preparation.inDomain(npz(file), folder.resolve("1"), OPTIONS)
                .files()
                .get(Split.TRAIN);
        Path b = Preparation.inDomain(npz(file), folder.resolve("2"), OPTIONS)
                .files()
                .get(Split.TRAIN);
        assertThat(a).hasSameBinaryContentAs(b);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        NpzFixture.sound().without("val_images").without("val_labels"),
                        "has no pictures in its validation split"),
                Arguments.of(NpzFixture.sound().without("train_images"), "has no pictures in its train split"),
                Arguments.of(NpzFixture.sound().without("train_labels"), "has no array 'train_labels'"),
                Arguments.of(new NpzFixture().with("x", "|u1", "(1,)", new byte[1]), "has none of train_images"),
                Arguments.of(
                        NpzFixture.sound().with("val_images", "|u1", "(0, 2, 2)", new byte[0]),
                        "val_images: shape [0, 2, 2] holds no usable images"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "<f4", "(3, 2, 2)", new byte[48]),
                        "type '<f4' is not supported"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "<i2", "(3, 2, 2)", new byte[24]),
                        "elements are not unsigned bytes"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "|u1", "(3, 2, 2, 4)", new byte[48]),
                        "shape [3, 2, 2, 4]; allowed are N x H x W and N x H x W x 3"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "|u1", "(3, 2, 2)", new byte[11]),
                        "ends after 11 of 12 bytes"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "|u1", "(3, 2, 2)", new byte[13]),
                        "has more than the 12 bytes"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "|u1", "(9999999999, 99999, 99999)", new byte[9]),
                        "is too large"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", "|u1", "(2000000000, 200, 200)", new byte[9]),
                        "ends after 9 of 80000000000000 bytes"),
                Arguments.of(
                        NpzFixture.sound()
                                .with(
                                        "train_images",
                                        NpzFixture.npy(
                                                "{'descr': '|u1', 'fortran_order': True, 'shape': (3, 2, 2), }",
                                                new byte[12])),
                        "only C order is supported"),
                Arguments.of(NpzFixture.sound().with("train_images", new byte[] {1, 2, 3}), "is not an NPY array"),
                Arguments.of(
                        NpzFixture.sound().with("train_images", NpzFixture.npy("{}", new byte[12])),
                        "no usable 'descr'"),
                Arguments.of(
                        NpzFixture.sound().with("train_labels", "|u1", "(2, 1)", new byte[2]),
                        "shape [2, 1]; allowed for the N = 3 images is N, N x 1, or N x T findings"),
                Arguments.of(
                        NpzFixture.sound().with("train_labels", "|i1", "(3, 1)", new byte[] {0, -1, 0}),
                        "train_labels[1]: value -1 is outside 0.."));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatItCannotUseAndSaysWhy(NpzFixture fixture, String reason) throws IOException {
        Path file = fixture.write(folder.resolve("a.npz"), true);
        assertThatThrownBy(() -> Preparation.inDomain(npz(file), folder.resolve("out"), OPTIONS))
                .isInstanceOf(PreparationException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(reason);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void refusesALabelBeyondTheNamedClasses() throws IOException {
        Path file = NpzFixture.sound().write(folder.resolve("a.npz"), true);
        ImageSource source = new ImageSource.Npz(file, List.of("only"));
        assertThatThrownBy(() -> Preparation.inDomain(source, folder, OPTIONS))
                .hasMessageContaining("train_labels[1]: label 1 is outside 0..0 (classes [only])");
    }

    @Test
    void refusesWhatIsNoZip() throws IOException {
        Path file = Files.writeString(folder.resolve("a.npz"), "no zip");
        assertThatThrownBy(() -> Preparation.inDomain(npz(file), folder, OPTIONS))
                .isInstanceOf(PreparationException.class)
                .hasMessageContaining("cannot be read as .npz");
    }

    @Test
    void dropsLeakedImagesFromTheEarlierSplit() throws Exception {
        // Given a training picture that is also a test picture, and a patient in train and validation
        Path file = NpzFixture.sound()
                .with("test_images", "|u1", "(2, 2, 2)", NpzFixture.bytes(9, 8))
                .with("train_patient", "<i4", "(3,)", new byte[] {7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0})
                .with("val_patient", "|u1", "(2,)", new byte[] {7, 1})
                .write(folder.resolve("a.npz"), true);

        // When
        Preparation.Prepared dropped =
                Preparation.inDomain(npz(file), folder.resolve("drop"), OPTIONS.withLeakage(LeakagePolicy.DROP));

        // Then
        try (PreparedSet train = PreparedSet.open(dropped.files().get(Split.TRAIN))) {
            assertThat(train.size()).isEqualTo(1);
            assertThat(train.group(0)).isEqualTo(8);
            assertThat(train.metadata()).containsEntry("dropped", "2");
        }
        assertThat(dropped.leakage().overlaps())
                .containsExactly(
                        new LeakageReport.Overlap(Split.TRAIN, Split.VALIDATION, 0, 1, 1),
                        new LeakageReport.Overlap(Split.TRAIN, Split.TEST, 1, 0, 1));
        assertThatThrownBy(() -> Preparation.inDomain(npz(file), folder, OPTIONS))
                .hasMessageContaining("train and validation share 0 equal pictures and 1 groups");
    }

    @Test
    void refusesAnOutOfDomainSetOfOtherClasses() throws Exception {
        Path file = NpzFixture.sound().write(folder.resolve("a.npz"), true);
        Path target = folder.resolve("ood.safetensors");
        assertThat(Preparation.outOfDomain(npz(file), List.of("no", "yes"), target, OPTIONS)
                        .classNames())
                .containsExactly("no", "yes");
        assertThatThrownBy(() -> Preparation.outOfDomain(
                        new ImageSource.Npz(file, List.of("a", "b")), List.of("b", "a"), target, OPTIONS))
                .hasMessageContaining("are not those of the domain trained on");
    }

    private void picture(String name, int level) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 32; i++) {
            image.getRaster().setSample(i % 8, i / 8, 0, level);
        }
        ImageIO.write(image, "png", file.toFile());
    }

    @Test
    void dividesClassFoldersAndNamesCorruptPictures() throws Exception {
        // Given
        for (int i = 0; i < 20; i++) {
            picture("in/a/" + i + ".png", i);
            picture("in/b/" + i + ".png", 100 + i);
        }
        Files.writeString(folder.resolve("in/b/20.png"), "broken");
        ImageSource source = new ImageSource.ClassFolders(folder.resolve("in"), 1);
        PreparationOptions lenient = new PreparationOptions(
                4, new Resize(SquareFit.LETTERBOX, ResizeFilter.BILINEAR), LeakagePolicy.ERROR, 0.1, "x");

        // When
        Preparation.Prepared prepared = Preparation.inDomain(source, folder.resolve("out"), lenient);

        // Then
        assertThat(prepared.classNames()).containsExactly("a", "b");
        assertThat(prepared.corrupt()).singleElement().asString().contains("20.png: is no JPEG");
        int images = 0;
        for (Path file : prepared.files().values()) {
            try (PreparedSet set = PreparedSet.open(file)) {
                images += set.size();
                int level = set.pixels().get(ValueLayout.JAVA_BYTE, 4 * 3) & 0xff;
                assertThat(set.pixels().get(ValueLayout.JAVA_BYTE, 0)).isZero();
                assertThat(level >= 100).isEqualTo(set.label(0) == 1);
                assertThat(set.metadata()).containsEntry("seed", "1");
            }
        }
        assertThat(images).isEqualTo(40);
        assertThatThrownBy(() -> Preparation.inDomain(source, folder, OPTIONS))
                .hasMessageContaining(
                        "1 of 41 pictures cannot be read, more than the share of 0.01 that prepare --max-corrupt sets");
    }

    @Test
    void drawsNoSplitsOfClassFoldersThatHaveThemOrAreForTestingOnly() throws Exception {
        // Given
        for (String name : List.of("train/a", "train/b", "val/a", "val/b")) {
            picture("split/" + name + "/1.png", name.hashCode() & 0xff);
        }
        picture("whole/a/1.png", 1);
        picture("whole/b/1.png", 2);

        // When
        Path split = Preparation.inDomain(
                        new ImageSource.ClassFolders(folder.resolve("split"), 1), folder.resolve("out"), OPTIONS)
                .files()
                .get(Split.TRAIN);
        Path whole = folder.resolve("test.safetensors");
        Preparation.testOnly(
                new ImageSource.ClassFolders(folder.resolve("whole"), 1), whole, OPTIONS, PreparationListener.NOBODY);

        // Then
        for (Path file : List.of(split, whole)) {
            try (PreparedSet set = PreparedSet.open(file)) {
                assertThat(set.size()).isEqualTo(2);
                assertThat(set.metadata()).doesNotContainKey("seed");
            }
        }
    }

    @Test
    void keepsGroupsOfATableTogether() throws Exception {
        // Given
        StringBuilder csv = new StringBuilder("file,grade,patient\n");
        for (int i = 0; i < 60; i++) {
            picture("pictures/" + i + ".png", i);
            csv.append(i)
                    .append(',')
                    .append(i / 3 % 2 == 0 ? "2" : "10")
                    .append(",p")
                    .append(i / 3)
                    .append('\n');
        }
        Path table = Files.writeString(folder.resolve("t.csv"), csv, StandardCharsets.UTF_8);
        ImageSource source = new ImageSource.Table(
                table,
                folder.resolve("pictures"),
                new ImageSource.Columns("file", List.of("grade"), Optional.empty(), Optional.of("patient"), List.of()),
                3);

        // When
        Preparation.Prepared prepared = Preparation.inDomain(source, folder.resolve("out"), OPTIONS);

        // Then
        assertThat(prepared.classNames()).containsExactly("2", "10");
        try (PreparedSet test = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(test.size()).isEqualTo(6);
            assertThat(test.group(0)).isEqualTo(test.group(2));
        }
    }

    @Test
    void readsTheRealSets() throws Exception {
        Path data = Path.of("../../shared/data");
        assumeTrue(Files.isDirectory(data), "the real data sets are not on this machine");
        ImageSource cxr = npz(data.resolve("cxr/pneumoniamnist_28.npz"));

        // When
        Preparation.Prepared allowed =
                Preparation.inDomain(cxr, folder.resolve("cxr"), OPTIONS.withLeakage(LeakagePolicy.ALLOW));
        Path nih = folder.resolve("nih.safetensors");
        Preparation.outOfDomain(npz(data.resolve("cxr/nih_pneumonia_ood_28.npz")), allowed.classNames(), nih, OPTIONS);
        Preparation.Prepared skin = Preparation.inDomain(
                npz(data.resolve("skin/ham10000_vienna_id_28.npz")),
                folder.resolve("skin"),
                OPTIONS.withLeakage(LeakagePolicy.ALLOW));

        // Then
        assertThat(allowed.leakage().overlaps())
                .filteredOn(o -> o.earlier() == Split.TRAIN && o.later() == Split.VALIDATION)
                .singleElement()
                .matches(o -> o.equalPictures() == 8);
        assertThatThrownBy(() -> Preparation.inDomain(cxr, folder, OPTIONS))
                .hasMessageContaining("drop leaves them out and allow goes on");
        assertThat(skin.classNames()).hasSize(7);
        try (PreparedSet set = PreparedSet.open(nih)) {
            assertThat(set.size()).isEqualTo(1000);
            assertThat(set.hasGroups()).isTrue();
        }
    }

    @Test
    void readsTheIsic2018Layout() throws Exception {
        Path data = Path.of("../../shared/data/isic2018-layout-sample");
        assumeTrue(Files.isDirectory(data), "the ISIC 2018 sample is not on this machine");
        PreparationOptions small = new PreparationOptions(
                32, new Resize(SquareFit.SHORT_SIDE, ResizeFilter.BILINEAR), LeakagePolicy.ERROR, 0, "x");
        Preparation.Prepared prepared =
                Preparation.inDomain(ImageSource.detect(data, List.of(), 0), folder.resolve("out"), small);
        assertThat(prepared.classNames()).containsExactly("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC");
        Map<Split, Path> files = prepared.files();
        try (PreparedSet train = PreparedSet.open(files.get(Split.TRAIN));
                PreparedSet test = PreparedSet.open(files.get(Split.TEST))) {
            assertThat(train.shape()).isEqualTo(new ImageShape(32, 32, 3));
            assertThat(train.size()).isGreaterThan(test.size());
        }
    }
}
