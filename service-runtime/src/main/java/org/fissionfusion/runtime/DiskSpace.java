package org.fissionfusion.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a full disk from other failures: the JDK, RocksDB and Kafka each say it in another way, or not at all. */
public final class DiskSpace {
    private static final long NEXT_TO_NOTHING = 64 * 1024;

    private DiskSpace() {}

    /** True when the failure says that there was no space, or there is next to none left below the folder. */
    public static boolean isFull(Path folder, Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof StoreFullException
                    || message.contains("No space left on device")
                    || message.contains("Disk quota exceeded")) {
                return true;
            }
        }
        return left(folder) < NEXT_TO_NOTHING;
    }

    /** Bytes that can still be written below the folder; as many as one likes where that is unknown. */
    public static long left(Path folder) {
        try {
            return Files.exists(folder) ? Files.getFileStore(folder).getUsableSpace() : Long.MAX_VALUE;
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    /** What to tell a person. */
    public static String full(Path folder) {
        return "disk full: %d KiB are left to write into %s; free some space there or make the disk larger, then start again: it goes on from here"
                .formatted(left(folder) / 1024, folder);
    }
}
