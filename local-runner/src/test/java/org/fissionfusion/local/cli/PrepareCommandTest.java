package org.fissionfusion.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.fissionfusion.vision.images.PreparedSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrepareCommandTest {
    private final PrintStream usual = System.err;
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stopListening() {
        System.setErr(usual);
    }

    private int prepare(String... more) {
        String[] all = new String[more.length + 4];
        all[0] = "prepare";
        all[1] = folder.resolve("in").toString();
        all[2] = "-o";
        all[3] = folder.resolve("out").toString();
        System.arraycopy(more, 0, all, 4, more.length);
        return FissionFusion.execute(all);
    }

    private void picture(String name, int number) throws Exception {
        Path file = folder.resolve("in").resolve(name);
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, number * 1000);
        ImageIO.write(image, "png", file.toFile());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--group-column who | --group-column needs --table",
                "--table t.csv --layout eyepacs | --table goes with neither --layout nor --split-table",
                "--table t.csv --split-table s.csv | --table goes with neither --layout nor --split-table",
                "--classes a,b | --classes names the classes of an .npz only",
                "--layout class-folders --split-table s.csv | --split-table needs an official layout",
                "--test-only --out-of-domain x | --out-of-domain and --test-only exclude each other",
                "--layout npz --image-size 64 | --image-size does not go with CIFAR and .npz: images keep their size",
                "--layout npz --filter bicubic | --filter does not go with CIFAR and .npz: images keep their size",
                "--layout cifar-10 --resize letterbox | --resize does not go with CIFAR and .npz",
                "--layout cifar-10.1 --filter bilinear | --filter does not go with CIFAR and .npz",
                "--layout npz --max-corrupt 0.5 | --max-corrupt does not go with an .npz",
                "--layout npz --seed 1 | --seed draws splits: SOURCE has its own",
                "--layout isic-2018 --seed 1 | --seed draws splits: SOURCE has its own",
                "--layout eyepacs --split-table s.csv --seed 1 | --seed draws splits: SOURCE has its own",
                "--table t.csv --split-column part --seed 0 | --seed draws splits: SOURCE has its own",
                "--test-only --seed 1 | --seed is for several splits: a test set is one",
                "--test-only --leakage drop | --leakage is for several splits: a test set is one",
                "--out-of-domain x --leakage error | --leakage is for several splits: a test set is one",
                "--out-of-domain x --seed 1 | --seed is for several splits: a test set is one",
                "--layout messidor --leakage allow | --leakage is for several splits: a test set is one",
                "--image-size 0 | image size: 0; allowed are 1 to 4096",
                "--layout foo | layout 'foo' is none of cifar-10, "
            })
    void refusesOptionsThatItWouldIgnoreInOneLine(String options, String reason) throws Exception {
        picture("a/1.png", 1);
        picture("b/1.png", 2);
        assertThat(prepare(options.strip().split(" "))).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("fissionfusion: " + reason.strip());
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void refusesASeedWhereFoldersAreSplits() throws Exception {
        for (String name : new String[] {"train/a", "train/b", "val/a", "val/b"}) {
            picture(name + "/1.png", name.hashCode() & 0xff);
        }
        assertThat(prepare("--seed", "1")).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8))
                .startsWith("fissionfusion: --seed draws splits: SOURCE has its own");
        assertThat(prepare("--leakage", "drop", "--image-size", "4")).isZero();
    }

    @Test
    void takesEveryOptionOfPicturesWithoutSplits() throws Exception {
        for (int i = 1; i < 6; i++) {
            picture("a/%d.png".formatted(i), i);
            picture("b/%d.png".formatted(i), 10 + i);
        }
        String options = "--seed 1 --leakage drop --image-size 4 --resize letterbox --filter bicubic --max-corrupt 0.5";
        assertThat(prepare(options.split(" ", -1))).isZero();
    }

    @Test
    void refusesATestSetBesideTheSplitsOfAnotherPreparation() throws Exception {
        for (int i = 1; i < 6; i++) {
            picture("a/%d.png".formatted(i), i);
            picture("b/%d.png".formatted(i), 10 + i);
        }
        assertThat(prepare("--image-size", "4")).isZero();
        Path train = folder.resolve("out/train.safetensors");
        byte[] test = Files.readAllBytes(folder.resolve("out/test.safetensors"));
        for (String[] options : new String[][] {{"--test-only"}, {"--out-of-domain", train.toString()}}) {
            errors.reset();
            assertThat(prepare(options)).isEqualTo(2);
            assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                    .containsExactly(
                            "fissionfusion: " + train
                                    + ": is of another preparation, whose test split this set would become; -o takes a folder of its own");
        }
        assertThat(folder.resolve("out/test.safetensors")).hasBinaryContent(test);
    }

    @Test
    void refusesAFileAsItsFolder() throws Exception {
        picture("a/1.png", 1);
        picture("b/1.png", 2);
        Files.writeString(folder.resolve("out"), "mine");
        assertThat(prepare()).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("fissionfusion: " + folder.resolve("out") + ": is a file; -o takes a folder");
        assertThat(folder.resolve("out")).hasContent("mine");
    }

    @Test
    void makesOneFileOfATestSetWithItsOwnClasses() throws Exception {
        picture("a/1.png", 1);
        picture("b/1.png", 2);
        assertThat(prepare("--test-only", "--image-size", "4")).isZero();
        try (var files = Files.list(folder.resolve("out"));
                PreparedSet set = PreparedSet.open(folder.resolve("out/test.safetensors"))) {
            assertThat(files).containsExactly(folder.resolve("out/test.safetensors"));
            assertThat(set.size()).isEqualTo(2);
            assertThat(set.classNames()).containsExactly("a", "b");
        }
    }
}
