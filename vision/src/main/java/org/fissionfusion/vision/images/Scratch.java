package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder where decoded pictures wait until all of a preparation are there. Its plan says what they belong to: the
 * same plan goes on where it stopped, another one starts with an empty folder. One preparation at a time.
 */
final class Scratch implements AutoCloseable {
    private static final String PLAN = "plan";
    private final Path folder;
    private final FileChannel channel;
    private final FileLock lock;

    private Scratch(Path folder, FileChannel channel, FileLock lock) {
        this.folder = folder;
        this.channel = channel;
        this.lock = lock;
    }

    static Scratch open(Path folder, String plan) throws IOException, PreparationException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Optional<FileLock> lock = locked(channel);
        if (lock.isEmpty()) {
            channel.close();
            throw new PreparationException(folder.getParent() + ": is being prepared by another command");
        }
        Scratch scratch = new Scratch(folder, channel, lock.get());
        Path planFile = folder.resolve(PLAN);
        if (!Files.isRegularFile(planFile) || !Files.readString(planFile).equals(plan)) {
            scratch.clear();
            Files.writeString(planFile, plan);
        }
        return scratch;
    }

    private static Optional<FileLock> locked(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        }
    }

    /** Room for the pixels of a split, with what was decoded before. */
    MemorySegment pixels(Split split, long bytes) throws IOException {
        return PixelMemory.mapped(folder.resolve(split.wireName() + ".pixels"), bytes);
    }

    /** Lines noted before the last stop; a line that was cut off is not there. */
    List<String> notes(Split split) throws IOException {
        Path file = folder.resolve(split.wireName() + ".notes");
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        if (whole.length() < text.length()) {
            Files.writeString(file, whole);
        }
        return whole.lines().toList();
    }

    /** Notes what is done; the pixels it speaks of must be on the disk already. */
    void note(Split split, List<String> lines) throws IOException {
        try (FileChannel file = FileChannel.open(
                folder.resolve(split.wireName() + ".notes"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND)) {
            var bytes = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
    }

    private void clear() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!file.endsWith("lock")) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Removes the folder: its content is in the prepared sets. */
    void delete() throws IOException {
        clear();
        Files.delete(folder.resolve("lock"));
        Files.delete(folder);
    }

    @Override
    public void close() {
        try {
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(folder + ": cannot be unlocked", e);
        }
    }
}
