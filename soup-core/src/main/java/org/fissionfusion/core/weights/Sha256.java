package org.fissionfusion.core.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 fed with memory segments. */
final class Sha256 {

    private final MessageDigest digest;
    private final byte[] piece = new byte[1 << 16];

    Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    void update(byte[] bytes) {
        digest.update(bytes);
    }

    void update(MemorySegment bytes) {
        long size = bytes.byteSize();
        for (long done = 0; done < size; ) {
            int count = (int) Math.min(piece.length, size - done);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, done, piece, 0, count);
            digest.update(piece, 0, count);
            done += count;
        }
    }

    /** The digest of what was fed since the last call. */
    byte[] finish() {
        return digest.digest();
    }
}
