package org.fissionfusion.vision.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DicomPictureTest {

    /** Grey levels of a picture. */
    private static int[] levels(byte[] file) throws IOException {
        return Arrays.stream(DicomPicture.of(DicomFile.read(file)).rgb())
                .map(rgb -> rgb & 0xff)
                .toArray();
    }

    @Test
    void readsExplicitAndImplicitLittleEndian() throws IOException {
        // Given
        DicomFixture picture = DicomFixture.grey8(2, 1, 0).pixels(new byte[] {10, (byte) 250});

        // Then
        for (byte[] file : List.of(picture.explicit(), picture.implicit())) {
            assertThat(DicomFile.is(file)).isTrue();
            assertThat(levels(file)).containsExactly(10, 250);
        }
    }

    @Test
    void mapsTheStoredBitsWithoutAWindow() throws IOException {
        assertThat(levels(DicomFixture.grey16(2, 2, 12, 0, 4095, 2048, 0xF000 | 1024)
                        .explicit()))
                .containsExactly(0, 255, 128, 64);
    }

    @Test
    void mapsSignedValues() throws IOException {
        DicomFixture picture = DicomFixture.grey16(3, 1, 16, -32768, 0, 32767).number(0x0028_0103, 1);
        assertThat(levels(picture.explicit())).containsExactly(0, 128, 255);
    }

    @Test
    void appliesRescaleAndTheFirstWindow() throws IOException {
        // Given Hounsfield units of a lung window, stored from 0 on
        DicomFixture picture = DicomFixture.grey16(5, 1, 12, 0, 74, 424, 1174, 4095)
                .with(0x0028_1052, "DS", "-1024")
                .with(0x0028_1053, "DS", "1")
                .with(0x0028_1050, "DS", "-600\\40")
                .with(0x0028_1051, "DS", "1501\\400");

        // Then: from -1350.5 to 149.5; ((x + 600.5) / 1500 + 0.5) * 255
        assertThat(levels(picture.explicit())).containsExactly(56, 68, 128, 255, 255);
    }

    @Test
    void knowsExactAndSigmoidWindows() throws IOException {
        DicomFixture picture = DicomFixture.grey8(3, 1, 0)
                .pixels(new byte[] {50, 100, (byte) 150})
                .with(0x0028_1050, "DS", "100")
                .with(0x0028_1051, "DS", "200");
        assertThat(levels(picture.with(0x0028_1056, "CS", "LINEAR_EXACT").explicit()))
                .containsExactly(64, 128, 191);
        assertThat(levels(picture.with(0x0028_1056, "CS", "SIGMOID").explicit()))
                .containsExactly(69, 128, 186);
    }

    @Test
    void invertsMonochrome1() throws IOException {
        DicomFixture picture =
                DicomFixture.grey8(2, 1, 0).pixels(new byte[] {10, (byte) 250}).with(0x0028_0004, "CS", "MONOCHROME1");
        assertThat(levels(picture.explicit())).containsExactly(245, 5);
    }

    @Test
    void readsColourPixelAfterPixelAndPlaneAfterPlane() throws IOException {
        // Given
        DicomFixture picture = DicomFixture.grey8(2, 1, 0)
                .number(0x0028_0002, 3)
                .with(0x0028_0004, "CS", "RGB")
                .pixels(new byte[] {1, 2, 3, 4, 5, 6});

        // Then
        assertThat(DicomPicture.of(DicomFile.read(picture.explicit())).rgb()).containsExactly(0x010203, 0x040506);
        picture.number(0x0028_0006, 1);
        assertThat(DicomPicture.of(DicomFile.read(picture.explicit())).rgb()).containsExactly(0x010305, 0x020406);
    }

    /** A picture of 16 x 16 pixels of level 90. */
    private static byte[] jpeg() throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            image.getRaster().setSample(i % 16, i / 16, 0, 90);
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", jpeg);
        return jpeg.toByteArray();
    }

    @Test
    void readsBaselineJpeg() throws IOException {
        byte[] file = DicomFixture.grey8(16, 16, 0).pixels(jpeg()).encapsulated("1.2.840.10008.1.2.4.50");
        assertThat(Arrays.stream(levels(file)).boxed()).hasSize(256).allMatch(level -> Math.abs(level - 90) <= 1);
    }

    @Test
    void refusesABaselineJpegThatIsCutOff() throws IOException {
        byte[] whole = jpeg();
        byte[] file = DicomFixture.grey8(16, 16, 0)
                .pixels(Arrays.copyOf(whole, whole.length - 4))
                .encapsulated("1.2.840.10008.1.2.4.50");
        assertThatThrownBy(() -> levels(file)).hasMessageContaining("damaged: the JPEG is cut off");
    }

    @Test
    void readsLosslessJpegOfEightTwelveAndSixteenBits() throws IOException {
        int[] twelve = {0, 4095, 2048, 1000, 1001, 17};
        byte[] file = DicomFixture.grey16(3, 2, 12, twelve)
                .pixels(LosslessJpeg.encode(3, 2, 12, twelve))
                .encapsulated("1.2.840.10008.1.2.4.70");
        assertThat(levels(file)).containsExactly(0, 255, 128, 62, 62, 1);
        int[] sixteen = {65535, 0, 32768, 40000};
        file = DicomFixture.grey16(2, 2, 16, sixteen)
                .pixels(LosslessJpeg.encode(2, 2, 16, sixteen))
                .encapsulated("1.2.840.10008.1.2.4.57");
        assertThat(levels(file)).containsExactly(255, 0, 128, 156);
        int[] eight = {1, 2, 250, 9};
        file = DicomFixture.grey8(2, 2, 0)
                .pixels(LosslessJpeg.encode(2, 2, 8, eight))
                .encapsulated("1.2.840.10008.1.2.4.70");
        assertThat(levels(file)).containsExactly(eight);
    }

    @Test
    void namesATransferSyntaxItDoesNotKnow() {
        byte[] file = DicomFixture.grey8(2, 2, 1).file("1.2.840.10008.1.2.4.90", true, true);
        assertThatThrownBy(() -> levels(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1.2.840.10008.1.2.4.90 (JPEG 2000 lossless) is not supported");
    }

    @Test
    void saysHowAFileIsDamaged() {
        byte[] whole = DicomFixture.grey8(4, 4, 1).explicit();
        assertThatThrownBy(() -> levels(Arrays.copyOf(whole, whole.length - 4)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ends within an element");
        byte[] few = DicomFixture.grey8(4, 4, 1).pixels(new byte[6]).explicit();
        assertThatThrownBy(() -> levels(few)).hasMessageContaining("6 bytes of DICOM pixels where 16 belong");
        byte[] many = DicomFixture.grey8(1, 1, 1).with(0x0028_0008, "IS", "12").explicit();
        assertThatThrownBy(() -> levels(many)).hasMessageContaining("12 frames is not supported");
        assertThatThrownBy(() -> levels(new byte[200])).hasMessageContaining("is no DICOM file");
    }
}
