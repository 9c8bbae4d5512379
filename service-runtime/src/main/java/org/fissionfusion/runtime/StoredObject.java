package org.fissionfusion.runtime;

import java.util.Objects;
import org.fissionfusion.events.StoredFile;

/**
 * A file of the object store.
 *
 * @param key below the store's root, e.g. {@code checkpoints/<sha256>.safetensors}
 * @param sha256 of its bytes, lower-case hexadecimal
 * @param bytes its length
 */
public record StoredObject(String key, String sha256, long bytes) {

    public StoredObject {
        Objects.requireNonNull(key, "key");
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "sha256 of " + key + " is not 64 lower-case hexadecimal digits: " + sha256);
        }
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes of " + key + " is negative: " + bytes);
        }
    }

    /** From its form in events. */
    public static StoredObject from(StoredFile file) {
        return new StoredObject(file.getKey(), file.getSha256(), file.getBytes());
    }

    /** Its form in events. */
    public StoredFile toAvro() {
        return new StoredFile(key, sha256, bytes);
    }
}
