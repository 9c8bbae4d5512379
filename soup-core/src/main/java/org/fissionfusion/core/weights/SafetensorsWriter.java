package org.fissionfusion.core.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes safetensors files: the same tensors and metadata, in whatever order given, make the same bytes.
 *
 * <p>Tensors are laid out by falling element size, then by name, and the header is padded to a multiple of 8 bytes, so
 * every element is aligned for readers that map the file.
 */
public final class SafetensorsWriter {

    private static final int PIECE = 1 << 20;
    private static final String ENDING = ".tmp";

    private SafetensorsWriter() {}

    /**
     * Writes a file whole or not at all: into a temporary file beside it, forced to the disk, then renamed.
     *
     * @throws IllegalArgumentException when a name is given twice or a source makes another number of bytes
     */
    public static void write(Path target, Map<String, String> metadata, List<TensorSource> tensors) throws IOException {
        Set<String> names = new HashSet<>();
        for (TensorSource tensor : tensors) {
            if (!names.add(tensor.spec().name())) {
                throw new IllegalArgumentException("tensors: '" + tensor.spec().name() + "' is given twice");
            }
        }
        List<TensorSource> ordered = tensors.stream()
                .sorted(Comparator.comparingInt(
                                (TensorSource tensor) -> -tensor.spec().dtype().size())
                        .thenComparing(tensor -> tensor.spec().name()))
                .toList();
        Path folder = target.toAbsolutePath().getParent();
        Path temporary = folder.resolve(leftover(target) + UUID.randomUUID() + ENDING);
        try {
            writeAll(temporary, target, header(metadata, ordered), ordered);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        forceFolder(folder);
    }

    /** Removes what a killed process had half written of a file. Nobody may be writing it. */
    public static void removeLeftovers(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, path -> {
            String name = path.getFileName().toString();
            return name.startsWith(leftover(target)) && name.endsWith(ENDING);
        })) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static String leftover(Path target) {
        return "." + target.getFileName() + ".";
    }

    private static byte[] header(Map<String, String> metadata, List<TensorSource> tensors) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (TensorSource tensor : tensors) {
                TensorSpec spec = tensor.spec();
                long[] shape = spec.shape();
                json.writeObjectFieldStart(spec.name());
                json.writeStringField("dtype", spec.dtype().name());
                json.writeFieldName("shape");
                json.writeArray(shape, 0, shape.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, offset + spec.byteSize()}, 0, 2);
                json.writeEndObject();
                offset = Math.addExact(offset, spec.byteSize());
            }
            json.writeEndObject();
        }
        while (bytes.size() % Long.BYTES != 0) {
            bytes.write(' ');
        }
        if (bytes.size() > SafetensorsHeader.LIMIT) {
            throw new IllegalArgumentException("metadata: the header would be " + bytes.size() + " bytes long");
        }
        return bytes.toByteArray();
    }

    private static void writeAll(Path temporary, Path target, byte[] header, List<TensorSource> tensors)
            throws IOException {
        try (FileChannel channel =
                        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            Output output = new Output(target, channel, arena.allocate(PIECE));
            ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            output.write(MemorySegment.ofBuffer(prefix.putLong(header.length).flip()));
            output.write(MemorySegment.ofArray(header));
            for (TensorSource tensor : tensors) {
                long before = output.written;
                tensor.content().writeTo(output::write);
                if (output.written - before != tensor.spec().byteSize()) {
                    throw new IllegalArgumentException("tensors: " + (output.written - before) + " bytes were made for "
                            + tensor.spec() + " of " + tensor.spec().byteSize());
                }
            }
            output.flush();
            channel.force(true);
        }
    }

    /** A renamed file survives a power cut only when its folder is forced too; not every platform can. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Folders cannot be opened on every platform; the rename itself has happened.
            return;
        }
    }

    /** Gathers small pieces; errors name the file, which the channel's own do not. */
    private static final class Output {
        private final Path target;
        private final FileChannel channel;
        private final MemorySegment buffer;
        private long filled;
        private long written;

        Output(Path target, FileChannel channel, MemorySegment buffer) {
            this.target = target;
            this.channel = channel;
            this.buffer = buffer;
        }

        void write(MemorySegment piece) throws IOException {
            long size = piece.byteSize();
            for (long done = 0; done < size; ) {
                long count = Math.min(size - done, buffer.byteSize() - filled);
                MemorySegment.copy(piece, done, buffer, filled, count);
                filled += count;
                done += count;
                if (filled == buffer.byteSize()) {
                    flush();
                }
            }
            written += size;
        }

        void flush() throws IOException {
            ByteBuffer bytes = buffer.asSlice(0, filled).asByteBuffer();
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                throw new IOException(target + ": cannot be written: " + e.getMessage(), e);
            }
            filled = 0;
        }
    }
}
