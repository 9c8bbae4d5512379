package org.fissionfusion.core.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes safetensors files: the same tensors and metadata, in whatever order given, make the same bytes. */
public final class SafetensorsWriter {

    private SafetensorsWriter() {}

    /** Writes a file whole or not at all: into a temporary file beside it, forced to the disk, then renamed. */
    public static void write(Path target, Map<String, String> metadata, List<TensorSource> tensors) throws IOException {
        throw new UnsupportedOperationException(target.toString());
    }
}
