package org.fissionfusion.core.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Digest of a whole file. */
public final class FileDigest {

    private static final int PIECE = 1 << 18;

    private FileDigest() {}

    /** Lower-case hex SHA-256 of the file's bytes. */
    public static String sha256(Path path) throws IOException {
        Sha256 sha = new Sha256();
        byte[] piece = new byte[PIECE];
        try (InputStream stream = Files.newInputStream(path)) {
            for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                sha.update(MemorySegment.ofArray(piece).asSlice(0, count));
            }
        }
        return HexFormat.of().formatHex(sha.finish());
    }
}
