package org.fissionfusion.vision.images;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Makes up tiny data sets in the folders and tables of their publishers. Every picture has its own grey level. */
final class LayoutFixture {
    private final Path root;
    private int pictures;

    LayoutFixture(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    LayoutFixture text(String name, String... lines) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, String.join("\n", lines) + "\n");
        return this;
    }

    LayoutFixture table(String name, String header, List<String> rows) throws IOException {
        return text(name, header + "\n" + String.join("\n", rows));
    }

    LayoutFixture gzip(String name, String header, List<String> rows) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve(name)))) {
            out.write((header + "\n" + String.join("\n", rows) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    LayoutFixture bytes(String name, byte[] bytes) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return this;
    }

    /** A grey picture of 10 x 8 pixels. */
    LayoutFixture picture(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(10, 8, BufferedImage.TYPE_BYTE_GRAY);
        pictures++;
        for (int i = 0; i < 80; i++) {
            image.getRaster().setSample(i % 10, i / 10, 0, 2 * pictures + (i < 40 ? 0 : 60));
        }
        ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1).replace("jpeg", "jpg"), file.toFile());
        return this;
    }
}
