package org.fissionfusion.vision.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a TorchScript archive of code alone: an uncompressed zip whose only object is a module with one flag. */
final class TorchScriptArchive {
    /** Version 10 selects today's operator schemas; an older number would invoke upgraders. */
    private static final String VERSION = "10\n";

    private TorchScriptArchive() {}

    static void write(Path file, String name, String code) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            store(zip, name + "/data.pkl", module());
            store(zip, name + "/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            store(zip, name + "/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, name + "/version", VERSION.getBytes(StandardCharsets.US_ASCII));
            store(zip, name + "/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Pickle protocol 2 of an instance of class Net with {@code training = True}. */
    private static byte[] module() throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(new byte[] {(byte) 0x80, 2});
        pickle.write("c__torch__\nNet\nq".getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {0, ')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        pickle.write("training".getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {'q', 1, (byte) 0x88, 'u', 'b', 'q', 2, '.'});
        return pickle.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
