package org.fissionfusion.core.request;

/** A file of the object store. {@code sha256} is lower-case hexadecimal over its bytes. */
public record StoredFile(String key, String sha256, long bytes) {
    public StoredFile {
        if (key.isBlank() || sha256.length() != 64 || bytes < 0) {
            throw new IllegalArgumentException(
                    "not a stored file: key '" + key + "', sha256 '" + sha256 + "', " + bytes + " bytes");
        }
    }
}
