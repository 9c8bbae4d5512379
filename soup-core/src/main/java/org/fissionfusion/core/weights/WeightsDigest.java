package org.fissionfusion.core.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Digest of the tensors alone: independent of file order, metadata and file name.
 *
 * <p>SHA-256 over {@code "weights-1"} and then, for every tensor in the order of names, its name, type and shape (each
 * with its length in front, big-endian) and the SHA-256 of its bytes.
 */
public final class WeightsDigest {

    private static final byte[] VERSION = "weights-1".getBytes(StandardCharsets.UTF_8);

    private final Map<String, TensorHash> hashes = new TreeMap<>();
    private final Sha256 sha = new Sha256();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record TensorHash(TensorSpec spec, byte[] bytes) {}

    WeightsDigest() {}

    /** Lower-case hex SHA-256 of the tensors of a file. */
    public static String of(SafetensorsFile file) throws IOException {
        WeightsDigest digest = new WeightsDigest();
        try (Arena arena = Arena.ofConfined()) {
            Chunks chunks = new Chunks(arena);
            for (TensorSpec spec : file.tensors()) {
                digest.add(spec, sink -> chunks.forEach(file, spec, (offset, bytes) -> sink.accept(bytes)));
            }
        }
        return digest.finish();
    }

    /** Lower-case hex SHA-256 of tensors in memory, in any order. */
    public static String of(Collection<Tensor> tensors) {
        WeightsDigest digest = new WeightsDigest();
        for (Tensor tensor : tensors) {
            digest.sha.update(tensor.bytes());
            digest.put(tensor.spec());
        }
        return digest.finish();
    }

    /** The same source, whose bytes are also digested while they are written. */
    TensorSource tap(TensorSource source) {
        return new TensorSource(
                source.spec(),
                sink -> add(
                        source.spec(),
                        own -> source.content().writeTo(piece -> {
                            own.accept(piece);
                            sink.accept(piece);
                        })));
    }

    private void add(TensorSpec spec, TensorSource.SegmentWriter content) throws IOException {
        content.writeTo((MemorySegment piece) -> sha.update(piece));
        put(spec);
    }

    private void put(TensorSpec spec) {
        if (hashes.put(spec.name(), new TensorHash(spec, sha.finish())) != null) {
            throw new IllegalArgumentException("tensors: '" + spec.name() + "' is given twice");
        }
    }

    /** The digest of all tensors added. */
    String finish() {
        sha.update(VERSION);
        for (TensorHash hash : hashes.values()) {
            long[] shape = hash.spec().shape();
            byte[] name = hash.spec().name().getBytes(StandardCharsets.UTF_8);
            byte[] dtype = hash.spec().dtype().name().getBytes(StandardCharsets.UTF_8);
            ByteBuffer head =
                    ByteBuffer.allocate(3 * Integer.BYTES + name.length + dtype.length + shape.length * Long.BYTES);
            head.putInt(name.length).put(name).putInt(dtype.length).put(dtype).putInt(shape.length);
            for (long dimension : shape) {
                head.putLong(dimension);
            }
            sha.update(head.array());
            sha.update(hash.bytes());
        }
        return HexFormat.of().formatHex(sha.finish());
    }
}
