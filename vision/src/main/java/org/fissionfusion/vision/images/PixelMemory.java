package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Room for pixels: memory for small sets, a mapped file that has no name any more for large ones. */
final class PixelMemory {
    private static final long LARGEST_IN_MEMORY = 256L << 20;

    private PixelMemory() {}

    static MemorySegment allocate(long bytes) {
        return allocate(bytes, LARGEST_IN_MEMORY);
    }

    static MemorySegment allocate(long bytes, long largestInMemory) {
        if (bytes <= largestInMemory) {
            return Arena.ofAuto().allocate(bytes);
        }
        try {
            Path file = Files.createTempFile("fissionfusion-pixels", ".tmp");
            try {
                requireRoom(file, bytes);
                return mapped(file, bytes);
            } finally {
                Files.delete(file); // the mapping keeps the content
            }
        } catch (IOException e) {
            throw new UncheckedIOException(Failures.reason(e), e);
        }
    }

    /** A full disk under a mapped file ends the process, so it is looked for before. */
    private static void requireRoom(Path file, long bytes) throws IOException {
        long free = Files.getFileStore(file).getUsableSpace();
        if (free < bytes) {
            throw new IOException("%s: %d MiB are free, %d MiB are needed; -Djava.io.tmpdir=DIR names another folder"
                    .formatted(file.getParent(), free >> 20, bytes >> 20));
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
