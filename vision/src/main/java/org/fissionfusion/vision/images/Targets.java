package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fissionfusion.core.weights.SafetensorsWriter;

/**
 * What a preparation writes.
 *
 * @param scratch the folder where decoded pictures wait
 * @param files the prepared sets, as far as there will be one of each
 */
record Targets(Path scratch, List<Path> files) {

    /**
     * Bytes that must be free: for the decoded pictures that are not there yet, and for the files; what lies where the
     * files go makes room for them.
     *
     * @param bytes of all decoded pictures
     * @param done so many of them are there
     */
    long roomNeeded(long bytes, long done) throws IOException {
        long replaced = 0;
        for (Path file : files) {
            replaced += Files.isRegularFile(file) ? Files.size(file) : 0;
        }
        return bytes - done + Math.max(0, bytes - replaced);
    }

    /** Removes what a killed preparation had half written. */
    void removeLeftovers() throws IOException {
        for (Path file : files) {
            SafetensorsWriter.removeLeftovers(file);
        }
    }

    /** Removes the files of an earlier preparation: a new split and an old one may share pictures, and need their room. */
    void clear() throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
