package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A preparation that is stopped goes on, and one that is larger than memory or 2 GiB works. */
class RestartTest {
    private static final PreparationOptions SMALL = PreparationOptions.DEFAULT.withImageSize(4);

    @TempDir
    private Path folder;

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private ImageSource pictures(int count) throws IOException {
        LayoutFixture fixture = new LayoutFixture(folder.resolve("in"));
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(i + "," + i % 2 + "," + (i < 300 ? "train" : i < 310 ? "val" : "test"));
        }
        fixture.table("films.csv", "image,label,split", rows);
        for (int i = 0; i < count; i++) {
            byte[] png = png(i);
            fixture.bytes("films/" + i + ".png", png);
        }
        return new ImageSource.Table(
                fixture.root().resolve("films.csv"),
                fixture.root().resolve("films"),
                new ImageSource.Columns("image", List.of("label"), Optional.of("split"), Optional.empty(), List.of()),
                0);
    }

    /** A picture of 2 x 2 pixels, another one for every number. */
    private static byte[] png(int number) throws IOException {
        var image = new java.awt.image.BufferedImage(2, 2, java.awt.image.BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, number * 64);
        var out = new java.io.ByteArrayOutputStream();
        javax.imageio.ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void goesOnWhereItWasStoppedAndMakesTheSameBytes() throws Exception {
        // Given a preparation that is stopped after its first chunk
        ImageSource source = pictures(320);
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> Preparation.inDomain(source, out, SMALL, (done, of) -> {
                    throw new Killed();
                }))
                .isInstanceOf(Killed.class);
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).containsExactly(out.resolve(".preparing"));
        }

        // Given half a file of an earlier preparation that was killed
        Path half = Files.write(out.resolve(".train.safetensors.0b.tmp"), new byte[9]);
        Path other = Files.write(out.resolve(".mine.tmp"), new byte[9]);

        // When the same command runs again
        List<String> steps = new ArrayList<>();
        Preparation.inDomain(source, out, SMALL, told(steps));

        // Then
        assertThat(steps)
                .containsExactly(
                        "going on after 256 of 320 pictures",
                        "300",
                        "310",
                        "320",
                        "looking for what the splits share",
                        "writing " + out.resolve("train.safetensors"),
                        "writing " + out.resolve("validation.safetensors"),
                        "writing " + out.resolve("test.safetensors"));
        assertThat(out.resolve(".preparing")).doesNotExist();
        assertThat(half).doesNotExist();
        assertThat(other).exists();
        Path undisturbed = folder.resolve("undisturbed");
        Preparation.inDomain(source, undisturbed, SMALL);
        for (String split : List.of("train", "validation", "test")) {
            assertThat(out.resolve(split + ".safetensors"))
                    .hasSameBinaryContentAs(undisturbed.resolve(split + ".safetensors"));
        }
    }

    private static PreparationListener told(List<String> steps) {
        return new PreparationListener() {
            @Override
            public void decoded(int pictures, int of) {
                steps.add(Integer.toString(pictures));
            }

            @Override
            public void step(String what) {
                steps.add(what);
            }
        };
    }

    @Test
    void removesOldSplitsBeforeItWritesNewOnes() throws Exception {
        // Given
        ImageSource source = pictures(320);
        Path out = folder.resolve("out");
        Preparation.inDomain(source, out, SMALL);

        // When another preparation into the same folder is stopped before its first file
        assertThatThrownBy(() -> Preparation.inDomain(source, out, SMALL.withImageSize(5), killedAtWriting()))
                .isInstanceOf(Killed.class);

        // Then
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).containsExactly(out.resolve(".preparing"));
        }
    }

    @Test
    void removesAnOldTestSetBeforeItWritesTheNewOne() throws Exception {
        // Given
        ImageSource source = pictures(320);
        Path out = folder.resolve("out");
        Path file = out.resolve("test.safetensors");
        Preparation.testOnly(source, file, SMALL, PreparationListener.NOBODY);

        // When
        assertThatThrownBy(() -> Preparation.testOnly(source, file, SMALL.withImageSize(5), killedAtWriting()))
                .isInstanceOf(Killed.class);

        // Then
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).containsExactly(out.resolve(".test.safetensors.preparing"));
        }
    }

    private static PreparationListener killedAtWriting() {
        return new PreparationListener() {
            @Override
            public void decoded(int pictures, int of) {}

            @Override
            public void step(String what) {
                if (what.startsWith("writing")) {
                    throw new Killed();
                }
            }
        };
    }

    @Test
    void countsWhatIsOnTheDiskAlready() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out"));
        Path train = Files.write(out.resolve("train.safetensors"), new byte[700]);
        Targets targets = new Targets(out.resolve(".preparing"), List.of(train, out.resolve("test.safetensors")));
        assertThat(targets.roomNeeded(1000, 0)).isEqualTo(1300);
        assertThat(targets.roomNeeded(1000, 1000)).isEqualTo(300);
        assertThat(targets.roomNeeded(500, 200)).isEqualTo(300);
        try (Scratch scratch = Scratch.open(targets.scratch(), "plan")) {
            scratch.note(Split.TRAIN, List.of("a", "b"));
            scratch.note(Split.TEST, List.of("c"));
            var decoder = new ListingDecoder(
                    out, Listing.of(List.of(), List.of("a", "b")), SMALL, PreparationListener.NOBODY);
            assertThat(decoder.bytesDone(scratch)).isEqualTo(3 * 4 * 4 * 3);
        }
    }

    @Test
    void startsAgainWhenAPictureChanged() throws Exception {
        // Given
        ImageSource source = pictures(320);
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> Preparation.inDomain(source, out, SMALL, (done, of) -> {
                    throw new Killed();
                }))
                .isInstanceOf(Killed.class);
        Files.write(folder.resolve("in/films/0.png"), new byte[] {1, 2, 3});

        // When
        List<Integer> steps = new ArrayList<>();
        Preparation.Prepared prepared = Preparation.inDomain(source, out, SMALL, (done, of) -> steps.add(done));

        // Then
        assertThat(steps).startsWith(256);
        assertThat(prepared.corrupt()).singleElement().asString().contains("0.png: is no JPEG");
        try (PreparedSet train = PreparedSet.open(out.resolve("train.safetensors"))) {
            assertThat(train.size()).isEqualTo(299);
            assertThat(train.metadata())
                    .containsEntry("corrupt", "1")
                    .containsEntry("resize", "squash")
                    .containsEntry("filter", "bilinear")
                    .doesNotContainKey("seed");
        }
    }

    @Test
    void startsAgainWithAnotherFilter() throws Exception {
        // Given
        ImageSource source = pictures(320);
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> Preparation.inDomain(source, out, SMALL, (done, of) -> {
                    throw new Killed();
                }))
                .isInstanceOf(Killed.class);
        PreparationOptions bicubic = new PreparationOptions(
                4, new Resize(SquareFit.SQUASH, ResizeFilter.BICUBIC), LeakagePolicy.ERROR, 0, "x");

        // When
        List<Integer> steps = new ArrayList<>();
        Preparation.inDomain(source, out, bicubic, (done, of) -> steps.add(done));

        // Then
        assertThat(steps).startsWith(256);
        try (PreparedSet train = PreparedSet.open(out.resolve("train.safetensors"))) {
            assertThat(train.metadata()).containsEntry("filter", "bicubic");
        }
    }

    @Test
    void doesNotRememberThatThereWasTooLittleMemoryForAPicture() throws Exception {
        // Given a picture whose header says 60000 x 60000
        ImageSource source = pictures(320);
        Path large = folder.resolve("in/films/7.png");
        byte[] png = Files.readAllBytes(large);
        ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
        Files.write(large, png);

        // When
        Path out = folder.resolve("out");
        PreparationOptions tolerant = new PreparationOptions(4, Resize.DEFAULT, LeakagePolicy.ERROR, 1, "x");
        assertThatThrownBy(() -> Preparation.inDomain(source, out, tolerant))
                .hasMessageContaining(large + ": 60000 x 60000 pixels need 27466 MiB of memory")
                .hasMessageContaining("set FISSIONFUSION_HEAP higher");

        // Then
        assertThat(out.resolve(".preparing/train.notes")).doesNotExist();
    }

    @Test
    void readsAPreparedSetOfMoreThanTwoGibibytes() throws Exception {
        // Given a file that is a hole but for its header and last image
        int side = 1024;
        int count = 700;
        long bytes = (long) count * side * side * 3;
        assumeTrue(Files.getFileStore(folder).getUsableSpace() > 3 * bytes, "the disk has no room for a large file");
        String header = """
                {"__metadata__":{"format":"fissionfusion-prepared-set","version":"1","class.0":"only"},\
                "labels":{"dtype":"I64","shape":[%d],"data_offsets":[0,%d]},\
                "images":{"dtype":"U8","shape":[%d,%d,%d,3],"data_offsets":[%d,%d]}}""".formatted(count, count * 8, count, side, side, count * 8, count * 8L + bytes);
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("large.safetensors");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(text.length)
                    .array());
            out.write(text);
            out.setLength(8 + text.length + count * 8L + bytes);
            out.seek(out.length() - 1);
            out.write(77);
        }

        // When
        try (PreparedSet set = PreparedSet.open(file)) {
            // Then
            assertThat(set.pixels().byteSize()).isGreaterThan(1L << 31);
            MemorySegment last = set.images().image(count - 1);
            assertThat(last.get(ValueLayout.JAVA_BYTE, last.byteSize() - 1)).isEqualTo((byte) 77);
        }
    }

    @Test
    void keepsLargeSelectionsInAMappedFile() throws IOException {
        MemorySegment mapped = PixelMemory.allocate(5000, 1000);
        assertThat(mapped.isMapped()).isTrue();
        mapped.set(ValueLayout.JAVA_BYTE, 4999, (byte) 3);
        assertThat(mapped.get(ValueLayout.JAVA_BYTE, 4999)).isEqualTo((byte) 3);
        assertThat(PixelMemory.allocate(500, 1000).isMapped()).isFalse();
    }

    @Test
    @SuppressWarnings("restricted") // the segment is never read
    void saysOfWhichSetASelectionHasNoRoom() {
        // Given a pebibyte that is nowhere
        int side = 1 << 15;
        int[] labels = new int[1 << 20];
        LabelledImages large = new LabelledImages(
                new ImageShape(side, side, 1),
                MemorySegment.NULL.reinterpret((long) labels.length * side * side),
                labels,
                Optional.empty(),
                List.of("only"));

        // Then
        assertThatThrownBy(() -> new Adaptation(Map.of(), 0.5, 0).apply("retina", large, List.of("only")))
                .isInstanceOf(PreparationException.class)
                .hasMessageMatching(
                        "retina: \\S+: the disk has \\d+ MiB free, 536870912 MiB are needed \\(another folder: FISSIONFUSION_JAVA_OPTIONS=-Djava.io.tmpdir=DIR, .*");
    }

    @Test
    void refusesASecondPreparationOfTheSameFolder() throws Exception {
        ImageSource source = pictures(320);
        Path out = folder.resolve("out");
        try (Scratch _ = Scratch.open(Files.createDirectories(out).resolve(".preparing"), "another")) {
            assertThatThrownBy(() -> Preparation.inDomain(source, out, SMALL))
                    .hasMessageContaining("is being prepared by another command");
        }
    }
}
