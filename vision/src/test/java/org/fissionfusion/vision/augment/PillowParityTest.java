package org.fissionfusion.vision.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.fissionfusion.vision.images.ImageShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against numbers that torchvision 0.28 with Pillow 12.3 gives for small made-up images. */
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
        String[] words = line.split(" ");
        int planes = Integer.parseInt(words[2]);
        Raster raster = new Raster(12, planes);
        byte[] image = madeUp(12, 12, planes);
        for (int i = 0; i < raster.area(); i++) {
            for (int c = 0; c < planes; c++) {
                raster.pixels()[c * raster.area() + i] = image[i * planes + c];
            }
        }

        // When
        new RandAugment(new Tones()).apply(RandAugment.Operation.valueOf(words[0]), Integer.parseInt(words[1]), raster);

        // Then
        assertClose(raster, numbers(words, 3));
    }

    @ParameterizedTest
    @MethodSource("resizes")
    void resizesAsPillowDoes(String line) {
        // Given
        String[] words = line.split(" ");
        int[] p = numbers(Arrays.copyOf(words, 9), 1);
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
        assertClose(raster, numbers(words, 9));
    }

    private static void assertClose(Raster raster, int[] expected) {
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            int at = raster.planes() == 1 ? i % raster.area() : i;
            worst = Math.max(worst, Math.abs((raster.pixels()[at] & 0xff) - expected[i]));
        }
        assertThat(expected).hasSize(3 * raster.area());
        assertThat(worst).as("largest difference in grey levels").isLessThanOrEqualTo(1);
    }

    private static int[] numbers(String[] words, int from) {
        return Arrays.stream(words).skip(from).mapToInt(Integer::parseInt).toArray();
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
