package org.fissionfusion.vision.dicom;

import java.io.ByteArrayOutputStream;

/**
 * Encodes grey pictures as lossless JPEG (SOF3, predictor 1), as DICOM's 1.2.840.10008.1.2.4.70 does. Every size of
 * difference has a code of five bits.
 */
final class LosslessJpeg {
    private static final int CATEGORIES = 17;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int buffer;
    private int bits;

    private LosslessJpeg() {}

    static byte[] encode(int width, int height, int precision, int... samples) {
        LosslessJpeg jpeg = new LosslessJpeg();
        jpeg.bytes(0xFF, 0xD8);
        jpeg.bytes(0xFF, 0xC4, 0, 19 + CATEGORIES, 0x00, 0, 0, 0, 0, CATEGORIES, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (int i = 0; i < CATEGORIES; i++) {
            jpeg.bytes(i);
        }
        jpeg.bytes(0xFF, 0xC3, 0, 11, precision, height >> 8, height, width >> 8, width, 1, 1, 0x11, 0);
        jpeg.bytes(0xFF, 0xDA, 0, 8, 1, 1, 0x00, 1, 0, 0);
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++, i++) {
                int predicted = i == 0 ? 1 << (precision - 1) : x == 0 ? samples[i - width] : samples[i - 1];
                jpeg.difference((short) (samples[i] - predicted));
            }
        }
        while (jpeg.bits != 0) {
            jpeg.put(1, 1);
        }
        jpeg.bytes(0xFF, 0xD9);
        return jpeg.out.toByteArray();
    }

    private void difference(int value) {
        int category = 32 - Integer.numberOfLeadingZeros(Math.abs(value));
        put(category, 5);
        if (category < 16) {
            put(value < 0 ? value + (1 << category) - 1 : value, category);
        }
    }

    private void put(int value, int count) {
        for (int i = count - 1; i >= 0; i--) {
            buffer = buffer << 1 | (value >> i & 1);
            if (++bits == 8) {
                out.write(buffer);
                if ((buffer & 0xff) == 0xff) {
                    out.write(0);
                }
                buffer = 0;
                bits = 0;
            }
        }
    }

    private void bytes(int... values) {
        for (int value : values) {
            out.write(value);
        }
    }
}
