package org.fissionfusion.vision.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.fissionfusion.vision.images.ImageShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what torchvision 0.28 with Pillow 12.3 makes of small made-up images; python/augment_fixtures.py wrote it. */
class PillowParityTest {

    private static Stream<String> lines(boolean resize) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                PillowParityTest.class.getResourceAsStream("pillow.txt"), StandardCharsets.UTF_8))) {
            List<String> lines = in.lines().toList();
            return lines.stream().filter(line -> line.startsWith("RESIZE") == resize);
        }
    }

    static Stream<String> operations() throws IOException {
        return lines(false);
    }

    static Stream<String> resizes() throws IOException {
        return lines(true);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void altersAsTorchvisionDoes(String line) {
        // Given
        String[] words = line.split(" ", -1);
        RandAugment.Operation operation = Arrays.stream(RandAugment.Operation.values())
                .filter(it -> it.name().replace("_", "").equalsIgnoreCase(words[0]))
                .findFirst()
                .orElseThrow();
        int size = Integer.parseInt(words[2]);
        int planes = Integer.parseInt(words[3]);
        Raster raster = new Raster(size, planes);
        byte[] image = madeUp(size, size, planes);
        for (int i = 0; i < raster.area(); i++) {
            for (int c = 0; c < planes; c++) {
                raster.pixels()[c * raster.area() + i] = image[i * planes + c];
            }
        }

        // When
        new RandAugment(new Tones()).apply(operation, Double.parseDouble(words[1]), raster);

        // Then
        assertClose(raster, HexFormat.of().parseHex(words[4]));
    }

    @ParameterizedTest
    @MethodSource("resizes")
    void resizesAsPillowDoes(String line) {
        // Given
        String[] words = line.split(" ", -1);
        int[] p = numbers(words, 1, 9);
        ImageShape shape = new ImageShape(p[1], p[0], p[7]);
        Raster raster = new Raster(p[6], p[7]);

        // When
        new CropResize(shape, p[6])
                .apply(
                        MemorySegment.ofArray(madeUp(p[0], p[1], p[7])),
                        0,
                        new CropWindow(p[2], p[3], p[4], p[5]),
                        raster);

        // Then
        assertClose(raster, HexFormat.of().parseHex(words[9]));
    }

    private static void assertClose(Raster raster, byte[] expected) {
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs((raster.pixels()[i] & 0xff) - (expected[i] & 0xff)));
        }
        assertThat(expected).hasSize(raster.planes() * raster.area());
        assertThat(worst).as("largest difference in grey levels").isZero();
    }

    private static int[] numbers(String[] words, int from, int to) {
        return Arrays.stream(words, from, to).mapToInt(Integer::parseInt).toArray();
    }

    private static byte[] madeUp(int width, int height, int channels) {
        byte[] image = new byte[width * height * channels];
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    image[i++] = (byte) ((x * 37 + y * 59 + c * 83 + x * y * 7) % 211 + 20);
                }
            }
        }
        return image;
    }
}
