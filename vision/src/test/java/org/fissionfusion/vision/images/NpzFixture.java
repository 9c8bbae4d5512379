package org.fissionfusion.vision.images;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes .npz files, sound and damaged ones. */
final class NpzFixture {
    private final Map<String, byte[]> arrays = new LinkedHashMap<>();

    NpzFixture with(String key, String descr, String shape, byte[] content) {
        return with(key, npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }", content));
    }

    NpzFixture with(String key, byte[] npy) {
        arrays.put(key, npy);
        return this;
    }

    NpzFixture without(String key) {
        arrays.remove(key);
        return this;
    }

    static byte[] npy(String header, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        out.write(text.length & 0xff);
        out.write(text.length >> 8);
        out.writeBytes(text);
        out.writeBytes(content);
        return out.toByteArray();
    }

    /** Two classes, 2 x 2 grey; train 3, val 2, test 2; no picture twice. */
    static NpzFixture sound() {
        return new NpzFixture()
                .with("train_images", "|u1", "(3, 2, 2)", bytes(1, 12))
                .with("train_labels", "|u1", "(3, 1)", new byte[] {0, 1, 0})
                .with("val_images", "|u1", "(2, 2, 2)", bytes(101, 8))
                .with("val_labels", "<i8", "(2, 1)", new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                .with("test_images", "|u1", "(2, 2, 2)", bytes(201, 8))
                .with("test_labels", ">i4", "(2,)", new byte[] {0, 0, 0, 1, 0, 0, 0, 0});
    }

    static byte[] bytes(int first, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    Path write(Path file, boolean deflated) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
                ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
                if (!deflated) {
                    CRC32 crc = new CRC32();
                    crc.update(array.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(array.getValue().length);
                    entry.setCrc(crc.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(array.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }
}
