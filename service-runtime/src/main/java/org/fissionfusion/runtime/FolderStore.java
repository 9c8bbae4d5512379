package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The object store as a folder, local or shared. A key is a path below it. */
public final class FolderStore implements ObjectStore {
    private static final String TEMPORARY = ".tmp-";
    private static final Duration ABANDONED = Duration.ofHours(6);
    private static final long NEXT_TO_NOTHING = 64 * 1024;

    private record Checked(long bytes, long modifiedNanos, String sha256) {}

    private final Path root;
    private final Map<Path, Checked> checked = new ConcurrentHashMap<>();

    /** Opens the folder, creating it where missing, and clears what writers left behind long ago. */
    public FolderStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
        try {
            Files.createDirectories(this.root);
        } catch (IOException e) {
            throw failure(this.root, e);
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
            sync(temporary);
            StoredObject object = naming.name(temporary, digest(temporary), Files.size(temporary));
            Path target = path(object.key());
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder);
            return object;
        } catch (IOException e) {
            throw failure(folder, e);
        } catch (UncheckedIOException e) {
            throw failure(folder, e.getCause());
        } catch (RuntimeException e) {
            throw isFull(folder, e) ? new StoreFullException(folder, e) : e;
        } finally {
            remove(temporary);
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
            sync(temporary);
            Files.createLink(target, temporary); // fails when it exists, and shows the whole content or nothing
            sync(folder);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException | UnsupportedOperationException e) {
            throw failure(folder, e);
        } finally {
            remove(temporary);
        }
    }

    @Override
    public Path verified(StoredObject object) {
        Path file = path(object.key());
        try {
            long bytes = Files.size(file);
            if (bytes != object.bytes()) {
                throw new CorruptObjectException(object, "bytes", Long.toString(bytes));
            }
            long modified = modifiedNanos(file);
            Checked before = checked.get(file);
            String found = before != null && before.bytes() == bytes && before.modifiedNanos() == modified
                    ? before.sha256()
                    : digest(file);
            if (!found.equals(object.sha256())) {
                throw new CorruptObjectException(object, "SHA-256", found);
            }
            checked.put(file, new Checked(bytes, modified, found));
            return file;
        } catch (NoSuchFileException e) {
            throw new MissingObjectException(object.key());
        } catch (IOException e) {
            throw failure(file, e);
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
            throw failure(file, e);
        }
    }

    @Override
    public List<String> list(String prefix) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !file.getFileName().toString().startsWith(TEMPORARY))
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(key -> key.startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw failure(root, e);
        } catch (UncheckedIOException e) {
            throw failure(root, e.getCause());
        }
    }

    @Override
    public void delete(String key) {
        Path file = path(key);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    @Override
    public boolean exists(String key) {
        return Files.isRegularFile(path(key));
    }

    private Path path(String key) {
        Path path = root.resolve(key).normalize();
        if (key.isBlank()
                || key.startsWith("/")
                || path.equals(root)
                || !path.startsWith(root)
                || Stream.of(key.split("/", -1)).anyMatch(part -> part.isEmpty() || part.startsWith("."))) {
            throw new IllegalArgumentException("not a key of the store: '" + key + "'");
        }
        return path;
    }

    private static Path temporaryIn(Path folder) {
        return folder.resolve(TEMPORARY + UUID.randomUUID());
    }

    private static void sync(Path path) throws IOException {
        boolean folder = Files.isDirectory(path);
        try (FileChannel channel =
                FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 18];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long modifiedNanos(Path file) throws IOException {
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        return Math.addExact(Math.multiplyExact(modified.getEpochSecond(), 1_000_000_000L), modified.getNano());
    }

    private static StoreException failure(Path where, Exception e) {
        return isFull(where, e)
                ? new StoreFullException(where, e)
                : new StoreOutageException("cannot use " + where + ": " + e, e);
    }

    /** The operating system's text is the only sign of a full disk that the JDK hands on; a full disk itself is another. */
    private static boolean isFull(Path where, Throwable thrown) {
        boolean io = false;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            io |= cause instanceof IOException;
            String message = String.valueOf(cause.getMessage());
            if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
                return true;
            }
        }
        try {
            return io && Files.exists(where) && Files.getFileStore(where).getUsableSpace() < NEXT_TO_NOTHING;
        } catch (IOException e) {
            return false;
        }
    }

    private void sweep(Instant before) {
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(file -> file.getFileName().toString().startsWith(TEMPORARY))
                    .filter(file -> isOlder(file, before))
                    .forEach(FolderStore::remove);
        } catch (IOException e) {
            throw failure(root, e);
        } catch (UncheckedIOException e) {
            throw failure(root, e.getCause());
        }
    }

    private static boolean isOlder(Path file, Instant before) {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(before);
        } catch (IOException e) {
            return false; // its writer was faster
        }
    }

    private static void remove(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw new StoreOutageException("cannot remove " + temporary, e);
        }
    }
}
