package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the stores do with local files. */
final class LocalFiles {
    private static final long NEXT_TO_NOTHING = 64 * 1024;

    private LocalFiles() {}

    /** Digests of files, computed again only when size or time of change differ. Safe for any number of threads. */
    static final class Digests {
        private record Checked(long bytes, long modifiedNanos, String sha256) {}

        private final Map<Path, Checked> checked = new ConcurrentHashMap<>();

        /**
         * Fails unless the file has the object's bytes.
         *
         * @param name under which its digest is remembered
         * @throws CorruptObjectException when size or SHA-256 differ
         */
        void require(StoredObject object, Path file, Path name) throws IOException {
            long bytes = Files.size(file);
            if (bytes != object.bytes()) {
                throw new CorruptObjectException(object, "bytes", Long.toString(bytes));
            }
            long modified = modifiedNanos(file);
            Checked before = checked.get(name);
            String found = before != null && before.bytes() == bytes && before.modifiedNanos() == modified
                    ? before.sha256()
                    : sha256(file);
            if (!found.equals(object.sha256())) {
                throw new CorruptObjectException(object, "SHA-256", found);
            }
            checked.put(name, new Checked(bytes, modified, found));
        }
    }

    static void sync(Path path) throws IOException {
        boolean folder = Files.isDirectory(path);
        try (FileChannel channel =
                FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return HexFormat.of().formatHex(sha256(in, Long.MAX_VALUE));
        }
    }

    /** The digest of the stream's next bytes, at most {@code limit}. */
    static byte[] sha256(InputStream in, long limit) throws IOException {
        MessageDigest digest = newSha256();
        byte[] buffer = new byte[1 << 18];
        long left = limit;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                break;
            }
            digest.update(buffer, 0, read);
            left -= read;
        }
        return digest.digest();
    }

    static byte[] sha256(byte[] bytes) {
        return newSha256().digest(bytes);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static long modifiedNanos(Path file) throws IOException {
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        return Math.addExact(Math.multiplyExact(modified.getEpochSecond(), 1_000_000_000L), modified.getNano());
    }

    static void remove(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw new StoreOutageException("cannot remove " + temporary, e);
        }
    }

    static StoreException failure(Path where, Exception e) {
        return isFull(where, e)
                ? new StoreFullException(where, e)
                : new StoreOutageException("cannot use " + where + ": " + e, e);
    }

    /** The operating system's text is the only sign of a full disk that the JDK hands on; a full disk itself is another. */
    static boolean isFull(Path where, Throwable thrown) {
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
}
