package org.fissionfusion.core.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** A safetensors file, mapped read-only; files above 2 GiB are fine. Segments are valid until it is closed. */
public final class SafetensorsFile implements AutoCloseable {

    private final Path path;
    private final FileChannel channel;
    private final Arena arena;
    private final MemorySegment file;
    private final long dataStart;
    private final Map<String, String> metadata;
    private final List<TensorSpec> tensors;
    private final Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();

    private SafetensorsFile(Path path, FileChannel channel, Arena arena) throws IOException {
        this.path = path;
        this.channel = channel;
        this.arena = arena;
        long size = channel.size();
        long headerBytes = headerBytes(size);
        this.dataStart = SafetensorsHeader.PREFIX + headerBytes;
        SafetensorsHeader header =
                SafetensorsHeader.parse(path.toString(), headerText((int) headerBytes), size - dataStart);
        this.file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        this.metadata = header.metadata();
        this.tensors =
                header.entries().stream().map(SafetensorsHeader.Entry::spec).toList();
        header.entries().forEach(entry -> entries.put(entry.spec().name(), entry));
    }

    /**
     * Maps the file and checks all of its header.
     *
     * @throws WeightsException naming the file and the reason when it is no sound safetensors file
     */
    @SuppressWarnings("MustBeClosedChecker") // closed with the file
    public static SafetensorsFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofShared();
        try {
            return new SafetensorsFile(path, channel, arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            channel.close();
            throw e;
        }
    }

    /** The file as it was named. */
    public Path path() {
        return path;
    }

    /** The header's {@code __metadata__}, empty when it has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The tensors in file order. */
    public List<TensorSpec> tensors() {
        return tensors;
    }

    /** The tensor of this name, if there is one. */
    public Optional<TensorSpec> tensor(String name) {
        return Optional.ofNullable(entries.get(name)).map(SafetensorsHeader.Entry::spec);
    }

    /** The bytes of a tensor: mapped, read-only, little-endian, not necessarily aligned. */
    public MemorySegment bytes(String name) {
        SafetensorsHeader.Entry entry = entry(name);
        return file.asSlice(dataStart + entry.begin(), entry.end() - entry.begin());
    }

    /**
     * Copies bytes of a tensor without touching the mapping: what is only passed through once does not become
     * resident memory.
     *
     * @param offset first byte, counted from the tensor's
     * @param into native memory to fill
     */
    void read(String name, long offset, MemorySegment into) throws IOException {
        long position = dataStart + entry(name).begin() + offset;
        readFully(position, into.asByteBuffer());
    }

    @Override
    public void close() {
        arena.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be closed", e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private SafetensorsHeader.Entry entry(String name) {
        SafetensorsHeader.Entry entry = entries.get(name);
        if (entry == null) {
            throw new NoSuchElementException(path + ": there is no tensor '" + name + "'");
        }
        return entry;
    }

    private long headerBytes(long size) throws IOException {
        if (size < SafetensorsHeader.PREFIX) {
            throw new WeightsException(
                    path.toString(), "the file is truncated: " + size + " bytes are too few for safetensors");
        }
        ByteBuffer prefix = ByteBuffer.allocate(SafetensorsHeader.PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        readFully(0, prefix);
        long length = prefix.getLong(0);
        if (length < 0 || length > SafetensorsHeader.LIMIT) {
            throw new WeightsException(
                    path.toString(),
                    "no safetensors file: the header would be " + Long.toUnsignedString(length)
                            + " bytes long, at most " + SafetensorsHeader.LIMIT + " are allowed");
        }
        if (length > size - SafetensorsHeader.PREFIX) {
            throw new WeightsException(
                    path.toString(),
                    "the file is truncated: the header is " + length + " bytes long, the file " + size);
        }
        return length;
    }

    private String headerText(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        readFully(SafetensorsHeader.PREFIX, bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new WeightsException(path.toString(), "the header is not UTF-8", e);
        }
    }

    private void readFully(long position, ByteBuffer into) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int count = channel.read(into, at);
            if (count < 0) {
                throw new WeightsException(path.toString(), "the file is truncated: it ends at byte " + at);
            }
            at += count;
        }
    }
}
