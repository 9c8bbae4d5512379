package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local copies of objects, verified by SHA-256, the least recently used dropped first. Any number of processes may
 * share the folder.
 *
 * <pre>
 * entries/SHA256      what is kept
 * held/ID/SHA256.ext  hard links to what the store with this ID handed out, and files on their way
 * held/ID.lock        locked while that store is open; the system unlocks it when its process dies
 * </pre>
 *
 * Whoever asks gets the path of a link of his own. Dropping an entry removes another name of the same file, so that no
 * order of events takes a file away from its reader; and entries with a second link are not dropped at all, for that
 * would free nothing.
 */
final class ReadCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadCache.class);
    private static final String TEMPORARY = ".tmp-";
    private static final String LOCK_SUFFIX = ".lock";

    private final Path entries;
    private final Path held;
    private final Path lockFile;
    private final FileChannel lockChannel;
    private final long maximumBytes;
    private final LocalFiles.Digests digests = new LocalFiles.Digests();
    private final Map<String, Object> perDigest = new ConcurrentHashMap<>();

    /** Fetches the bytes of an object into a file. */
    @FunctionalInterface
    interface Download {
        void into(Path file) throws IOException;
    }

    private ReadCache(StoreSettings.Cache settings, Path lockFile, FileChannel lockChannel, Path held) {
        this.entries = settings.folder().resolve("entries");
        this.held = held;
        this.lockFile = lockFile;
        this.lockChannel = lockChannel;
        this.maximumBytes = settings.bytes();
    }

    /** Opens the cache, creating its folder where missing, and clears what dead processes held. */
    static ReadCache open(StoreSettings.Cache settings) {
        Path all = settings.folder().resolve("held");
        try {
            Files.createDirectories(settings.folder().resolve("entries"));
            Files.createDirectories(all);
            sweep(all);
            while (true) {
                String id = UUID.randomUUID().toString();
                Path lockFile = all.resolve(id + LOCK_SUFFIX);
                FileChannel channel =
                        FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                if (channel.tryLock() != null) {
                    Path held = Files.createDirectory(all.resolve(id));
                    return new ReadCache(settings, lockFile, channel, held);
                }
                channel.close(); // another process took it for a dead one's: it removes it
            }
        } catch (IOException e) {
            throw LocalFiles.failure(settings.folder(), e);
        }
    }

    private static void sweep(Path all) throws IOException {
        for (Path lockFile : listed(all)) {
            String name = lockFile.getFileName().toString();
            if (!name.endsWith(LOCK_SUFFIX)) {
                continue;
            }
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    clear(all.resolve(name.substring(0, name.length() - LOCK_SUFFIX.length())));
                    Files.deleteIfExists(lockFile);
                }
            } catch (OverlappingFileLockException | NoSuchFileException e) {
                // a store of this very process, or one that another process just cleared
            }
        }
    }

    private static void clear(Path folder) throws IOException {
        for (Path file : listed(folder)) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** A path for a file on its way; what is still there when the cache is closed or its process is dead is removed. */
    Path temporary() {
        return held.resolve(TEMPORARY + UUID.randomUUID());
    }

    /**
     * The object's file, downloaded unless it is here. The path stays until {@link #release}.
     *
     * @throws CorruptObjectException when what was downloaded has other bytes
     */
    Path get(StoredObject object, Download download) {
        Path mine = mine(object);
        synchronized (perDigest.computeIfAbsent(object.sha256(), key -> new Object())) {
            try {
                if (!Files.exists(mine) && !linked(object, mine)) {
                    fetch(object, mine, download);
                }
                digests.require(object, mine, entry(object));
                touch(mine);
                return mine;
            } catch (IOException e) {
                throw LocalFiles.failure(held, e);
            }
        }
    }

    private Path mine(StoredObject object) {
        String name = object.key().substring(object.key().lastIndexOf('/') + 1);
        int dot = name.lastIndexOf('.');
        return held.resolve(object.sha256() + (dot < 0 ? "" : name.substring(dot)));
    }

    private Path entry(StoredObject object) {
        return entries.resolve(object.sha256());
    }

    /** Takes the kept file, if there is one and its bytes are right. */
    private boolean linked(StoredObject object, Path mine) throws IOException {
        Path entry = entry(object);
        try {
            Files.createLink(mine, entry);
        } catch (NoSuchFileException e) {
            return false;
        }
        try {
            digests.require(object, mine, entry);
            return true;
        } catch (CorruptObjectException e) {
            LOG.atWarn()
                    .addKeyValue("file", entry)
                    .addKeyValue("reason", e.getMessage())
                    .log("a file of the cache was damaged, it is fetched again");
            Files.deleteIfExists(entry);
            Files.deleteIfExists(mine);
            return false;
        }
    }

    private void fetch(StoredObject object, Path mine, Download download) throws IOException {
        Path temporary = temporary();
        try {
            makeRoom(object.bytes());
            download.into(temporary);
            digests.require(object, temporary, entry(object));
            Files.move(temporary, mine, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            link(entry(object), mine);
        } finally {
            LocalFiles.remove(temporary);
        }
    }

    /** Keeps a file that was just stored, which is read again soon more often than not. */
    void adopt(StoredObject object, Path file) {
        try {
            makeRoom(object.bytes());
            link(entry(object), file);
        } catch (IOException e) {
            throw LocalFiles.failure(entries, e);
        }
    }

    private static void link(Path entry, Path file) throws IOException {
        try {
            Files.createLink(entry, file);
        } catch (FileAlreadyExistsException e) {
            // another process was faster; the bytes are the same
        } catch (UnsupportedOperationException e) {
            throw new IOException("store.cache.folder must be on a file system with hard links", e);
        }
    }

    private static void touch(Path file) throws IOException {
        Files.getFileAttributeView(file, BasicFileAttributeView.class)
                .setTimes(null, FileTime.from(Instant.now()), null);
    }

    private record Kept(Path file, long bytes, Instant used, boolean inUse) {}

    private synchronized void makeRoom(long bytes) throws IOException {
        List<Kept> kept = new ArrayList<>();
        for (Path file : listed(entries)) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                int links = (Integer) Files.getAttribute(file, "unix:nlink");
                kept.add(new Kept(
                        file, attributes.size(), attributes.lastAccessTime().toInstant(), links > 1));
            } catch (NoSuchFileException e) {
                // another process dropped it
            }
        }
        long used = kept.stream().mapToLong(Kept::bytes).sum();
        kept.sort(Comparator.comparing(Kept::used));
        for (Kept old : kept) {
            if (used + bytes <= maximumBytes) {
                return;
            }
            if (!old.inUse()) {
                Files.deleteIfExists(old.file());
                used -= old.bytes();
            }
        }
        if (used > 0 && used + bytes > maximumBytes) {
            LOG.atWarn()
                    .addKeyValue("inUseBytes", used)
                    .addKeyValue("neededBytes", bytes)
                    .addKeyValue("maximumBytes", maximumBytes)
                    .log("the files in use are larger than the cache may be; raise store.cache.size");
        }
    }

    /** Says that no path handed out so far will be opened again. Files on their way are not touched. */
    void release() {
        try {
            for (Path file : listed(held)) {
                if (!file.getFileName().toString().startsWith(TEMPORARY)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw LocalFiles.failure(held, e);
        }
    }

    @Override
    public void close() {
        try {
            clear(held);
            Files.deleteIfExists(lockFile);
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear " + held, e);
        }
    }
}
