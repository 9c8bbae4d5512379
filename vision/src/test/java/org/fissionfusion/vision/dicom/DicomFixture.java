package org.fissionfusion.vision.dicom;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Writes small DICOM files. */
public final class DicomFixture {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Value(String vr, byte[] bytes) {}

    private final Map<Integer, Value> elements = new TreeMap<>();

    private DicomFixture() {}

    /** An 8-bit MONOCHROME2 picture of one level. */
    public static DicomFixture grey8(int width, int height, int level) {
        byte[] pixels = new byte[width * height];
        Arrays.fill(pixels, (byte) level);
        return of(width, height, 8, 8, pixels);
    }

    /** A 16-bit picture of which {@code stored} bits count. */
    public static DicomFixture grey16(int width, int height, int stored, int... values) {
        ByteBuffer pixels = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            pixels.putShort((short) value);
        }
        return of(width, height, 16, stored, pixels.array());
    }

    private static DicomFixture of(int width, int height, int allocated, int stored, byte[] pixels) {
        DicomFixture fixture = new DicomFixture();
        return fixture.number(0x0028_0002, 1)
                .with(0x0028_0004, "CS", "MONOCHROME2")
                .number(0x0028_0010, height)
                .number(0x0028_0011, width)
                .number(0x0028_0100, allocated)
                .number(0x0028_0101, stored)
                .number(0x0028_0103, 0)
                .pixels(pixels);
    }

    public DicomFixture with(int tag, String vr, String text) {
        elements.put(tag, new Value(vr, padded(text.getBytes(StandardCharsets.ISO_8859_1), ' ')));
        return this;
    }

    DicomFixture number(int tag, int value) {
        elements.put(tag, new Value("US", new byte[] {(byte) value, (byte) (value >> 8)}));
        return this;
    }

    DicomFixture pixels(byte[] bytes) {
        elements.put(0x7FE0_0010, new Value("OW", padded(bytes, '\0')));
        return this;
    }

    private static byte[] padded(byte[] bytes, char padding) {
        byte[] even = Arrays.copyOf(bytes, bytes.length + bytes.length % 2);
        if (even.length > bytes.length) {
            even[bytes.length] = (byte) padding;
        }
        return even;
    }

    /** In explicit VR little endian. */
    public byte[] explicit() {
        return file("1.2.840.10008.1.2.1", true, false);
    }

    byte[] implicit() {
        return file("1.2.840.10008.1.2", false, false);
    }

    /** The pixels in an item of their own: they are a compressed picture. */
    byte[] encapsulated(String syntax) {
        return file(syntax, true, true);
    }

    byte[] file(String syntax, boolean explicit, boolean encapsulated) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[128]);
        out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
        element(out, 0x0002_0010, new Value("UI", padded(syntax.getBytes(StandardCharsets.US_ASCII), '\0')), true);
        // a sequence with an item of undefined length, whose rows are not the picture's
        ByteArrayOutputStream item = new ByteArrayOutputStream();
        little(item, 0xFFFE, 2, 0xE000, 2, -1, 4);
        element(item, 0x0028_0010, new Value("US", new byte[] {99, 0}), explicit);
        little(item, 0xFFFE, 2, 0xE00D, 2, 0, 4, 0xFFFE, 2, 0xE0DD, 2, 0, 4);
        little(out, 0x0008, 2, 0x1140, 2);
        if (explicit) {
            out.writeBytes("SQ\0\0".getBytes(StandardCharsets.US_ASCII));
        }
        little(out, -1, 4);
        out.writeBytes(item.toByteArray());
        elements.forEach((tag, value) -> {
            if (encapsulated && tag == 0x7FE0_0010) {
                little(out, 0x7FE0, 2, 0x0010, 2);
                out.writeBytes("OB\0\0".getBytes(StandardCharsets.US_ASCII));
                little(out, -1, 4, 0xFFFE, 2, 0xE000, 2, 0, 4, 0xFFFE, 2, 0xE000, 2, value.bytes().length, 4);
                out.writeBytes(value.bytes());
                little(out, 0xFFFE, 2, 0xE0DD, 2, 0, 4);
            } else {
                element(out, tag, value, explicit);
            }
        });
        return out.toByteArray();
    }

    private static void element(ByteArrayOutputStream out, int tag, Value value, boolean explicit) {
        little(out, tag >>> 16, 2, tag & 0xffff, 2);
        if (explicit) {
            out.writeBytes(value.vr().getBytes(StandardCharsets.US_ASCII));
            if (value.vr().startsWith("O")) {
                little(out, 0, 2, value.bytes().length, 4);
            } else {
                little(out, value.bytes().length, 2);
            }
        } else {
            little(out, value.bytes().length, 4);
        }
        out.writeBytes(value.bytes());
    }

    private static void little(ByteArrayOutputStream out, int... valuesAndSizes) {
        for (int i = 0; i < valuesAndSizes.length; i += 2) {
            for (int b = 0; b < valuesAndSizes[i + 1]; b++) {
                out.write(valuesAndSizes[i] >> (8 * b));
            }
        }
    }
}
