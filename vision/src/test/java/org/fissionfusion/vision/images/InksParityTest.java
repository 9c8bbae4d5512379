package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against Image.convert of Pillow 12.3; python/augment_fixtures.py wrote pictures and levels. */
class InksParityTest {
    static List<String> pictures() throws IOException {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(InksParityTest.class.getResourceAsStream("inks.txt"), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void convertsCyanMagentaYellowAndBlackAsPillowDoes(String line) throws IOException {
        // Given
        String[] words = line.split(" ", -1);
        byte[] picture = HexFormat.of().parseHex(words[1]);
        byte[] expected = HexFormat.of().parseHex(words[2]);

        // When
        byte[] square = PictureDecoder.decode(picture, 8, Resize.DEFAULT, DecodingMemory.ofHeap());

        // Then
        assertThat(square).as(words[0]).isEqualTo(expected);
    }
}
