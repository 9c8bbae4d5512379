package org.fissionfusion.vision.images;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.fissionfusion.vision.dicom.DicomFile;
import org.fissionfusion.vision.dicom.DicomPicture;
import org.fissionfusion.vision.dicom.WholePicture;

/** Decodes a picture and fits it into a square of RGB bytes. */
final class PictureDecoder {
    /** Of a pixel: red, green, blue and alpha of up to 16 bits. */
    private static final int ORDINARY_BYTES = 8;

    /** Of a pixel: the encoded one, its stored value and its colour. */
    private static final int DICOM_BYTES = 12;

    static {
        ImageIO.setUseCache(false);
    }

    private PictureDecoder() {}

    /** Whether a file is DICOM by its name. */
    static boolean isDicom(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".dcm") || name.endsWith(".dicom");
    }

    /** The picture as S x S x 3 bytes; an unreadable one throws with the reason. */
    static byte[] decode(byte[] bytes, int size, Resize resize, DecodingMemory memory) throws IOException {
        try {
            return DicomFile.is(bytes) ? dicom(bytes, size, resize, memory) : ordinary(bytes, size, resize, memory);
        } catch (RuntimeException e) { // decoders throw these on damaged files
            throw new IOException("damaged: " + Failures.reason(e), e);
        }
    }

    /** A picture whose rows are asked for one after the other. */
    private record Rows(int width, int height, Row row) {}

    @FunctionalInterface
    private interface Row {
        /** Packed RGB of row {@code y} into the array. */
        void read(int y, int[] rgb);
    }

    private static byte[] dicom(byte[] bytes, int size, Resize resize, DecodingMemory memory) throws IOException {
        DicomFile file = DicomFile.read(bytes);
        try (DecodingMemory.Share _ = memory.take(file.columns(), file.rows(), DICOM_BYTES)) {
            DicomPicture picture = DicomPicture.of(file);
            int width = picture.width();
            Row row = (y, rgb) -> System.arraycopy(picture.rgb(), y * width, rgb, 0, width);
            return fit(new Rows(width, picture.height(), row), size, resize);
        }
    }

    /** By Java's own readers: plug-ins for special kinds of JPEG would convert colours in other ways. */
    private static byte[] ordinary(byte[] bytes, int size, Resize resize, DecodingMemory memory) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
                ImageReader reader = readers.next();
                if (!reader.getClass().getName().startsWith("com.sun.imageio")) {
                    continue;
                }
                reader.setInput(in, true, true);
                try (DecodingMemory.Share _ = memory.take(reader.getWidth(0), reader.getHeight(0), ORDINARY_BYTES)) {
                    return fit(rows(WholePicture.read(reader)), size, resize);
                } finally {
                    reader.dispose();
                }
            }
        }
        throw new IOException("is no JPEG, PNG, BMP, GIF, TIFF or DICOM picture");
    }

    private static byte[] fit(Rows picture, int size, Resize resize) {
        int width = picture.width();
        int height = picture.height();
        return switch (resize.fit()) {
            case SQUASH -> resize(picture, new Part(0, 0, width, height), resize.filter(), size, size);
            case SHORT_SIDE -> {
                int side = Math.min(width, height);
                Part middle = new Part((width - side) / 2, (height - side) / 2, side, side);
                yield resize(picture, middle, resize.filter(), size, size);
            }
            case LETTERBOX -> {
                int longest = Math.max(width, height);
                int w = Math.max(1, (int) Math.rint((double) width * size / longest));
                int h = Math.max(1, (int) Math.rint((double) height * size / longest));
                byte[] inner = resize(picture, new Part(0, 0, width, height), resize.filter(), w, h);
                byte[] square = new byte[size * size * 3];
                for (int y = 0; y < h; y++) {
                    int to = ((y + (size - h) / 2) * size + (size - w) / 2) * 3;
                    System.arraycopy(inner, y * w * 3, square, to, w * 3);
                }
                yield square;
            }
        };
    }

    private record Part(int left, int top, int width, int height) {}

    /** Grey and inks are taken as they are: the colour model would convert them from linear light. */
    private static Rows rows(BufferedImage picture) {
        int width = picture.getWidth();
        if (picture.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK
                && picture.getColorModel().getComponentSize(0) == 8) {
            return new Rows(width, picture.getHeight(), (y, rgb) -> inks(picture.getRaster(), y, rgb));
        }
        boolean grey = picture.getRaster().getNumBands() <= 2
                && picture.getColorModel().getColorSpace().getNumComponents() == 1;
        if (!grey) {
            return new Rows(width, picture.getHeight(), (y, rgb) -> picture.getRGB(0, y, width, 1, rgb, 0, width));
        }
        int bits = picture.getColorModel().getComponentSize(0);
        return new Rows(width, picture.getHeight(), (y, rgb) -> {
            picture.getRaster().getSamples(0, y, width, 1, 0, rgb);
            for (int x = 0; x < width; x++) {
                int level = bits == 8 ? rgb[x] : (int) ((long) rgb[x] * 255 / ((1L << bits) - 1));
                rgb[x] = level * 0x010101;
            }
        });
    }

    /** Cyan, magenta, yellow and black, each of which takes its share of the light away. */
    private static void inks(Raster raster, int y, int[] rgb) {
        int bands = raster.getNumBands();
        int[] row = raster.getPixels(0, y, rgb.length, 1, (int[]) null);
        for (int x = 0; x < rgb.length; x++) {
            int white = 255 - row[bands * x + 3];
            rgb[x] = 0;
            for (int c = 0; c < 3; c++) {
                rgb[x] = rgb[x] << 8 | white - Math.round(white * row[bands * x + c] / 255f);
            }
        }
    }

    private static byte[] resize(Rows picture, Part part, ResizeFilter filter, int outWidth, int outHeight) {
        ResizeWeights across = new ResizeWeights(filter);
        across.prepare(part.width(), outWidth);
        ResizeWeights down = new ResizeWeights(filter);
        down.prepare(part.height(), outHeight);
        byte[] narrowed = new byte[part.height() * outWidth * 3];
        int[] rgb = new int[picture.width()];
        for (int y = 0; y < part.height(); y++) {
            picture.row().read(part.top() + y, rgb);
            for (int x = 0; x < outWidth; x++) {
                for (int c = 0; c < 3; c++) {
                    int sum = ResizeWeights.HALF;
                    for (int t = 0; t < across.taps(); t++) {
                        int level = rgb[part.left() + across.starts()[x] + t] >> (16 - 8 * c) & 0xff;
                        sum += level * across.weights()[x * across.taps() + t];
                    }
                    narrowed[(y * outWidth + x) * 3 + c] = level(sum);
                }
            }
        }
        int line = outWidth * 3;
        byte[] result = new byte[outHeight * line];
        for (int y = 0; y < outHeight; y++) {
            for (int i = 0; i < line; i++) {
                int sum = ResizeWeights.HALF;
                for (int t = 0; t < down.taps(); t++) {
                    int level = narrowed[(down.starts()[y] + t) * line + i] & 0xff;
                    sum += level * down.weights()[y * down.taps() + t];
                }
                result[y * line + i] = level(sum);
            }
        }
        return result;
    }

    /** A cubic overshoots. */
    private static byte level(int sum) {
        return (byte) Math.clamp(sum >> ResizeWeights.BITS, 0, 255);
    }
}
