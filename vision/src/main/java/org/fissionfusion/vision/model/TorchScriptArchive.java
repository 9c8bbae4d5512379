package org.fissionfusion.vision.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a TorchScript archive of code alone: an uncompressed zip whose only object is a module with one flag. */
final class TorchScriptArchive {
    /** Version 10 selects today's operator schemas; an older number would invoke upgraders. */
    private static final String VERSION = "10\n";

    private TorchScriptArchive() {}

    /**
     * Loads code into the engine.
     *
     * @param options of the engine's loader
     */
    static Model load(String name, String code, Device device, Map<String, String> options)
            throws IOException, MalformedModelException {
        Path folder = Files.createTempDirectory(name);
        Path archive = folder.resolve(name + ".pt");
        Model model = Model.newInstance(name, device, "PyTorch");
        try {
            write(archive, name, code);
            model.load(folder, name, options);
            return model;
        } catch (IOException | MalformedModelException | RuntimeException e) {
            model.close();
            throw e;
        } finally {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(folder);
        }
    }

    private static void write(Path file, String name, String code) throws IOException {
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
