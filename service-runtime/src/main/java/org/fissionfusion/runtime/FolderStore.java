package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;

/** The object store as a folder, local or shared. A key is a path below it. */
public final class FolderStore implements ObjectStore {
    private static final String TEMPORARY = ".tmp-";
    private static final Duration ABANDONED = Duration.ofHours(6);

    private final Path root;
    private final LocalFiles.Digests digests = new LocalFiles.Digests();

    /** Opens the folder, creating it where missing, and clears what writers left behind long ago. */
    public FolderStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
        try {
            Files.createDirectories(this.root);
        } catch (IOException e) {
            throw LocalFiles.failure(this.root, e);
        }
        sweep(Instant.now().minus(ABANDONED));
    }

    /** Clears everything half-written; only for the one process that owns the folder, before it writes. */
    public void sweepAbandoned() {
        sweep(Instant.MAX);
    }

    /** The folder. */
    public Path root() {
        return root;
    }

    @Override
    public StoredObject put(String prefix, String suffix, ObjectWriter writer) {
        Path folder = path(prefix);
        return write(folder, writer, (temporary, sha256, bytes) -> {
            StoredObject object = new StoredObject(prefix + "/" + sha256 + suffix, sha256, bytes);
            path(object.key());
            return object;
        });
    }

    @Override
    public StoredObject putAs(String key, ObjectWriter writer) {
        Path target = path(key);
        return write(target.getParent(), writer, (temporary, sha256, bytes) -> new StoredObject(key, sha256, bytes));
    }

    private interface Naming {
        StoredObject name(Path temporary, String sha256, long bytes);
    }

    private StoredObject write(Path folder, ObjectWriter writer, Naming naming) {
        Path temporary = temporaryIn(folder);
        try {
            Files.createDirectories(folder);
            writer.write(temporary);
            LocalFiles.sync(temporary);
            StoredObject object = naming.name(temporary, LocalFiles.sha256(temporary), Files.size(temporary));
            Path target = path(object.key());
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            LocalFiles.sync(folder);
            return object;
        } catch (IOException e) {
            throw LocalFiles.failure(folder, e);
        } catch (UncheckedIOException e) {
            throw LocalFiles.failure(folder, e.getCause());
        } catch (RuntimeException e) {
            throw LocalFiles.isFull(folder, e) ? new StoreFullException(folder, e) : e;
        } finally {
            LocalFiles.remove(temporary);
        }
    }

    @Override
    public boolean createIfAbsent(String key, byte[] content) {
        Path target = path(key);
        Path folder = target.getParent();
        Path temporary = temporaryIn(folder);
        try {
            Files.createDirectories(folder);
            if (Files.exists(target)) {
                return false;
            }
            Files.write(temporary, content);
            LocalFiles.sync(temporary);
            Files.createLink(target, temporary); // fails when it exists, and shows the whole content or nothing
            LocalFiles.sync(folder);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException | UnsupportedOperationException e) {
            throw LocalFiles.failure(folder, e);
        } finally {
            LocalFiles.remove(temporary);
        }
    }

    @Override
    public Path verified(StoredObject object) {
        Path file = path(object.key());
        try {
            digests.require(object, file, file);
            return file;
        } catch (NoSuchFileException e) {
            throw new MissingObjectException(object.key());
        } catch (IOException e) {
            throw LocalFiles.failure(file, e);
        }
    }

    @Override
    public byte[] read(String key) {
        Path file = path(key);
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new MissingObjectException(key);
        } catch (IOException e) {
            throw LocalFiles.failure(file, e);
        }
    }

    @Override
    public List<StoredEntry> entries(String prefix) {
        // only the folder that the prefix names is walked: others may hold millions of files
        int end = prefix.lastIndexOf('/');
        Path start = end < 0 ? root : path(prefix.substring(0, end));
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        List<StoredEntry> entries = new ArrayList<>();
        walk(start, (file, attributes) -> {
            String key = root.relativize(file).toString().replace('\\', '/');
            if (key.startsWith(prefix) && !isTemporary(file)) {
                entries.add(new StoredEntry(
                        key, attributes.size(), attributes.lastModifiedTime().toInstant()));
            }
        });
        entries.sort(Comparator.comparing(StoredEntry::key));
        return entries;
    }

    @Override
    public void delete(String key) {
        Path file = path(key);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw LocalFiles.failure(file, e);
        }
    }

    @Override
    public boolean exists(String key) {
        return Files.isRegularFile(path(key));
    }

    private Path path(String key) {
        return root.resolve(ObjectKeys.require(key));
    }

    private static Path temporaryIn(Path folder) {
        return folder.resolve(TEMPORARY + UUID.randomUUID());
    }

    private static boolean isTemporary(Path file) {
        return file.getFileName().toString().startsWith(TEMPORARY);
    }

    private void sweep(Instant before) {
        walk(root, (file, attributes) -> {
            if (isTemporary(file) && attributes.lastModifiedTime().toInstant().isBefore(before)) {
                LocalFiles.remove(file);
            }
        });
    }

    /** Visits regular files, while others may write and delete. */
    private void walk(Path start, BiConsumer<Path, BasicFileAttributes> visit) {
        try {
            Files.walkFileTree(start, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        visit.accept(file, attributes);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    return goOnIfDeleted(e);
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
                    return goOnIfDeleted(e);
                }
            });
        } catch (IOException e) {
            throw LocalFiles.failure(root, e);
        }
    }

    private static FileVisitResult goOnIfDeleted(IOException e) throws IOException {
        if (e != null && !(e instanceof NoSuchFileException)) {
            throw e;
        }
        return FileVisitResult.CONTINUE;
    }
}
