package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import org.fissionfusion.vision.dicom.DicomFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureDecoderTest {
    private static final DecodingMemory ENOUGH = new DecodingMemory(1 << 24);

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    private static BufferedImage noise(int type) {
        BufferedImage image = new BufferedImage(64, 64, type);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, i * 2654435);
        }
        return image;
    }

    @Test
    void scalesSixteenBitsOfGreyByTheirWholeRange() throws IOException {
        // Given
        BufferedImage grey = new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY);
        int[] levels = {0, 257, 40 * 257 + 100, 65535};
        for (int i = 0; i < 4; i++) {
            grey.getRaster().setSample(i % 2, i / 2, 0, levels[i]);
        }

        // When
        byte[] rgb = PictureDecoder.decode(encoded(grey, "png"), 2, Resize.DEFAULT, ENOUGH);

        // Then
        assertThat(rgb).containsExactly(0, 0, 0, 1, 1, 1, 40, 40, 40, -1, -1, -1);
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "1, 2", "2, 3", "99, 100"})
    void refusesAJpegThatIsCutOff(int kept, int of) throws IOException {
        byte[] whole = encoded(noise(BufferedImage.TYPE_INT_RGB), "jpg");
        byte[] part = Arrays.copyOf(whole, whole.length * kept / of);
        assertThat(PictureDecoder.decode(whole, 8, Resize.DEFAULT, ENOUGH)).hasSize(192);
        assertThatThrownBy(() -> PictureDecoder.decode(part, 8, Resize.DEFAULT, ENOUGH))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: the JPEG is cut off");
    }

    @Test
    void refusesAProgressiveJpegThatIsCutOff() throws IOException {
        // Given
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var parameters = writer.getDefaultWriteParam();
        parameters.setProgressiveMode(javax.imageio.ImageWriteParam.MODE_DEFAULT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new javax.imageio.IIOImage(noise(BufferedImage.TYPE_INT_RGB), null, null), parameters);
        }
        writer.dispose();
        byte[] whole = out.toByteArray();

        // Then
        assertThat(PictureDecoder.decode(whole, 8, Resize.DEFAULT, ENOUGH)).hasSize(192);
        assertThatThrownBy(() ->
                        PictureDecoder.decode(Arrays.copyOf(whole, whole.length * 3 / 4), 8, Resize.DEFAULT, ENOUGH))
                .hasMessageContaining("damaged: the JPEG is cut off");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "tif"})
    void refusesEveryOtherKindThatIsCutOff(String format) throws IOException {
        byte[] whole = encoded(noise(BufferedImage.TYPE_3BYTE_BGR), format);
        assertThat(PictureDecoder.decode(whole, 8, Resize.DEFAULT, ENOUGH)).hasSize(192);
        assertThatThrownBy(
                        () -> PictureDecoder.decode(Arrays.copyOf(whole, whole.length / 2), 8, Resize.DEFAULT, ENOUGH))
                .isInstanceOf(IOException.class);
    }

    @Test
    void saysThatAPictureIsLargerThanTheMemory() throws IOException {
        byte[] png = encoded(new BufferedImage(1000, 600, BufferedImage.TYPE_INT_RGB), "png");
        byte[] dicom = DicomFixture.grey8(1000, 600, 0).explicit();
        DecodingMemory little = new DecodingMemory(3 << 20);
        assertThatThrownBy(() -> PictureDecoder.decode(png, 8, Resize.DEFAULT, little))
                .isInstanceOf(DecodingMemory.TooLittle.class)
                .hasMessage("1000 x 600 pixels need 5 MiB of memory, 3 are allowed, half of the heap; "
                        + "set FISSIONFUSION_HEAP higher, in a container -Xmx in JDK_JAVA_OPTIONS");
        assertThatThrownBy(() -> PictureDecoder.decode(dicom, 8, Resize.DEFAULT, little))
                .hasMessageContaining("need 7 MiB");
    }

    @Test
    void refusesAPictureWhoseBytesNoLongHolds() {
        assertThatThrownBy(() -> ENOUGH.take(Integer.MAX_VALUE, Integer.MAX_VALUE, 8))
                .isInstanceOf(DecodingMemory.TooLittle.class);
    }

    @Test
    void waitsForMemoryThatAnotherPictureHolds() throws Exception {
        // Given
        byte[] png = encoded(new BufferedImage(1000, 600, BufferedImage.TYPE_INT_RGB), "png");
        DecodingMemory memory = new DecodingMemory(5 << 20);
        DecodingMemory.Share other = memory.take(1024, 1024, 1);

        // When
        CompletableFuture<byte[]> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return PictureDecoder.decode(png, 8, Resize.DEFAULT, memory);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });

        // Then
        assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        other.close();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).hasSize(192);
    }
}
