package org.fissionfusion.runtime;

import java.io.IOException;
import java.nio.file.Path;

/** Writes the bytes of an object to be. */
@FunctionalInterface
public interface ObjectWriter {

    /**
     * Writes.
     *
     * @param file an empty or absent local file that becomes the object when this returns normally
     */
    void write(Path file) throws IOException;
}
