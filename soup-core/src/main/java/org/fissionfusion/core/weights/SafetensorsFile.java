package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A safetensors file, mapped read-only; files above 2 GiB are fine. Segments are valid until it is closed. */
public final class SafetensorsFile implements AutoCloseable {

    private SafetensorsFile() {}

    /**
     * Maps the file and checks all of its header.
     *
     * @throws WeightsException naming the file and the reason when it is no sound safetensors file
     */
    public static SafetensorsFile open(Path path) throws IOException {
        throw new UnsupportedOperationException(path.toString());
    }

    /** The file as it was named. */
    public Path path() {
        throw new UnsupportedOperationException();
    }

    /** The header's {@code __metadata__}, empty when it has none. */
    public Map<String, String> metadata() {
        throw new UnsupportedOperationException();
    }

    /** The tensors in file order. */
    public List<TensorSpec> tensors() {
        throw new UnsupportedOperationException();
    }

    /** The tensor of this name, if there is one. */
    public Optional<TensorSpec> tensor(String name) {
        throw new UnsupportedOperationException(name);
    }

    /** The bytes of a tensor: mapped, read-only, little-endian, not necessarily aligned. */
    public MemorySegment bytes(String name) {
        throw new UnsupportedOperationException(name);
    }

    @Override
    public void close() {}
}
