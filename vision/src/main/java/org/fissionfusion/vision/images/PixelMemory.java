package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Room for pixels: memory for small sets, a mapped file that has no name any more for large ones. */
final class PixelMemory {
    private static final long LARGEST_IN_MEMORY = 256L << 20;
    private static final String ANOTHER_FOLDER =
            "another folder: FISSIONFUSION_JAVA_OPTIONS=-Djava.io.tmpdir=DIR, in a container in JDK_JAVA_OPTIONS";

    private PixelMemory() {}

    static MemorySegment allocate(long bytes) throws IOException {
        return allocate(bytes, LARGEST_IN_MEMORY);
    }

    static MemorySegment allocate(long bytes, long largestInMemory) throws IOException {
        if (bytes <= largestInMemory) {
            return Arena.ofAuto().allocate(bytes);
        }
        Path file = Files.createTempFile("fissionfusion-pixels", ".tmp");
        try {
            requireRoom(file.getParent(), bytes, ANOTHER_FOLDER);
            return mapped(file, bytes);
        } finally {
            Files.delete(file); // the mapping keeps the content
        }
    }

    /** A full disk under a mapped file ends the process, so it is looked for before. */
    static void requireRoom(Path folder, long bytes, String remark) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free >= 0 && free < bytes) { // below: not known
            throw new IOException("%s: the disk has %d MiB free, %d MiB are needed (%s)"
                    .formatted(folder, free >> 20, bytes >> 20, remark));
        }
    }

    /** Maps a file for reading and writing and makes it this long; what it held before stays. */
    static MemorySegment mapped(Path file, long bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
        }
    }
}
