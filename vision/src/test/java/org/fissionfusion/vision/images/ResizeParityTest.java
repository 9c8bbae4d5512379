package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against Image.resize of Pillow 12.3; python/augment_fixtures.py wrote the levels. */
class ResizeParityTest {

    static List<String> squares() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                ResizeParityTest.class.getResourceAsStream("pillow.txt"), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("squares")
    void makesSquaresAsPillowDoes(String line) throws IOException {
        // Given
        String[] words = line.split(" ", -1);
        int[] p = Stream.of(words).skip(2).limit(4).mapToInt(Integer::parseInt).toArray();
        byte[] png = png(p[0], p[1], p[3]);
        Resize resize = new Resize(SquareFit.valueOf(words[0]), ResizeFilter.valueOf(words[1]));

        // When
        byte[] square = PictureDecoder.decode(png, p[2], resize, DecodingMemory.ofHeap());

        // Then
        byte[] expected = HexFormat.of().parseHex(words[6]);
        assertThat(planes(square, p[3])).isEqualTo(expected);
    }

    /** Plane after plane; grey pictures have three equal ones. */
    private static byte[] planes(byte[] square, int channels) {
        int area = square.length / 3;
        byte[] planes = new byte[channels * area];
        for (int i = 0; i < square.length; i++) {
            int at = channels == 1 ? i / 3 : i % 3 * area + i / 3;
            assertThat(channels == 1 && i % 3 > 0 && planes[at] != square[i]).isFalse();
            planes[at] = square[i];
        }
        return planes;
    }

    private static byte[] png(int width, int height, int channels) throws IOException {
        int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    image.getRaster().setSample(x, y, c, (x * 37 + y * 59 + c * 83 + x * y * 7) % 256);
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
