package org.fissionfusion.vision.dicom;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A DICOM picture as bytes to look at: stored values, modality rescale, then the first VOI window (PS3.3 C.11.2), or
 * without one the whole range of the stored bits, always the same for the same tags; MONOCHROME1 is inverted. VOI
 * look-up tables are not applied.
 *
 * @param rgb packed, rows first
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once
public record DicomPicture(int width, int height, int[] rgb) {

    /** @throws IOException with the reason when the picture cannot be read */
    public static DicomPicture of(DicomFile file) throws IOException {
        int height = file.rows();
        int width = file.columns();
        int samples = file.number(DicomTag.SAMPLES_PER_PIXEL).orElse(1);
        String frames = file.text(DicomTag.NUMBER_OF_FRAMES).orElse("1");
        if (!frames.equals("1")) {
            throw new IOException("DICOM with " + frames + " frames is not supported; allowed is one");
        }
        if (height < 1 || width < 1 || (samples != 1 && samples != 3)) {
            throw new IOException(
                    "damaged: DICOM picture of %d x %d with %d samples".formatted(width, height, samples));
        }
        ByteBuffer pixels =
                file.bytes(DicomTag.PIXEL_DATA).orElseThrow(() -> new IOException("the DICOM file has no pixels"));
        String colours = file.text(DicomTag.PHOTOMETRIC_INTERPRETATION).orElse("MONOCHROME2");
        if (samples == 3) {
            return new DicomPicture(width, height, colour(file, pixels, colours, width, height));
        }
        if (!colours.equals("MONOCHROME1") && !colours.equals("MONOCHROME2")) {
            throw new IOException("DICOM colours " + colours
                    + " are not supported; allowed are MONOCHROME1, MONOCHROME2, RGB and JPEG's YBR_FULL_422");
        }
        int[] stored = file.syntax().encapsulated()
                ? decoded(file, pixels, width, height).getSamples(0, 0, width, height, 0, (int[]) null)
                : raw(file, pixels, Math.multiplyExact(width, height));
        return new DicomPicture(
                width,
                height,
                GreyMapping.of(file, colours.equals("MONOCHROME1")).apply(stored));
    }

    private static int[] raw(DicomFile file, ByteBuffer pixels, int count) throws IOException {
        int bits = file.number(DicomTag.BITS_ALLOCATED).orElse(8);
        if (bits != 8 && bits != 16) {
            throw new IOException("DICOM with " + bits + " bits a sample is not supported; allowed are 8 and 16");
        }
        if (pixels.remaining() < count * (bits / 8L)) {
            throw new IOException("damaged: %d bytes of DICOM pixels where %d belong"
                    .formatted(pixels.remaining(), count * (bits / 8L)));
        }
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = bits == 8 ? pixels.get(i) & 0xff : pixels.getShort(2 * i) & 0xffff;
        }
        return values;
    }

    private static int[] colour(DicomFile file, ByteBuffer pixels, String colours, int width, int height)
            throws IOException {
        if (file.syntax().encapsulated()) {
            BufferedImage image = read(file.syntax(), pixels);
            requireSize(image.getWidth(), image.getHeight(), width, height);
            return image.getRGB(0, 0, width, height, null, 0, width);
        }
        if (!colours.equals("RGB") || file.number(DicomTag.BITS_ALLOCATED).orElse(8) != 8) {
            throw new IOException("uncompressed DICOM colours " + colours + " are not supported; allowed is 8-bit RGB");
        }
        int area = Math.multiplyExact(width, height);
        int[] values = raw(file, pixels, Math.multiplyExact(3, area));
        boolean planar = file.number(DicomTag.PLANAR_CONFIGURATION).orElse(0) == 1;
        int[] rgb = new int[area];
        for (int i = 0; i < area; i++) {
            for (int c = 0; c < 3; c++) {
                rgb[i] = rgb[i] << 8 | values[planar ? c * area + i : 3 * i + c];
            }
        }
        return rgb;
    }

    private static Raster decoded(DicomFile file, ByteBuffer pixels, int width, int height) throws IOException {
        Raster raster = read(file.syntax(), pixels).getRaster();
        requireSize(raster.getWidth(), raster.getHeight(), width, height);
        return raster;
    }

    private static void requireSize(int width, int height, int wantedWidth, int wantedHeight) throws IOException {
        if (width != wantedWidth || height != wantedHeight) {
            throw new IOException("damaged: the DICOM file says %d x %d, its JPEG %d x %d"
                    .formatted(wantedWidth, wantedHeight, width, height));
        }
    }

    /** Java's own reader knows baseline JPEG, the plug-in the lossless kind. */
    private static BufferedImage read(TransferSyntax syntax, ByteBuffer pixels) throws IOException {
        byte[] jpeg = new byte[pixels.remaining()];
        pixels.get(jpeg);
        boolean own = syntax == TransferSyntax.JPEG_BASELINE;
        for (Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg"); readers.hasNext(); ) {
            ImageReader reader = readers.next();
            if (reader.getClass().getName().startsWith("com.sun.imageio") != own) {
                continue;
            }
            try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(jpeg))) {
                reader.setInput(in, true, true);
                return WholePicture.read(reader);
            } catch (RuntimeException e) { // decoders throw these on damaged pictures
                throw new IOException("damaged: the JPEG in the DICOM file cannot be decoded: " + e.getMessage(), e);
            } finally {
                reader.dispose();
            }
        }
        throw new IOException("no decoder for DICOM transfer syntax " + syntax);
    }
}
