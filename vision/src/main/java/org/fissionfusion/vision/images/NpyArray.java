package org.fissionfusion.vision.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of whole numbers in NumPy's NPY format (versions 1 to 3, C order).
 *
 * @param name as it is called in messages: file and key
 * @param type size and sign of an element
 * @param content the elements, rows first
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record NpyArray(String name, NpyType type, long[] shape, MemorySegment content) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)");
    private static final int PIECE = 1 << 20;
    private static final int LONGEST_HEADER = 1 << 20;

    /** Element type: bytes, whether signed, byte order. */
    public record NpyType(int size, boolean signed, ByteOrder order) {
        static NpyType parse(String name, String descr) throws PreparationException {
            Matcher m = Pattern.compile("([<>|=])([iu])([1248])").matcher(descr);
            if (!m.matches()) {
                throw new PreparationException(
                        "%s: type '%s' is not supported; allowed are whole numbers of 1, 2, 4 or 8 bytes (like |u1, <i8)"
                                .formatted(name, descr));
            }
            ByteOrder order = m.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            return new NpyType(Integer.parseInt(m.group(3)), m.group(2).equals("i"), order);
        }
    }

    /** Number of elements. */
    public long elements() {
        return content.byteSize() / type.size();
    }

    /** Element {@code i} in C order. */
    public long at(long i) {
        return switch (type.size()) {
            case 1 -> {
                byte b = content.get(ValueLayout.JAVA_BYTE, i);
                yield type.signed() ? b : b & 0xff;
            }
            case 2 -> {
                short s = content.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(type.order()), i * 2);
                yield type.signed() ? s : s & 0xffff;
            }
            case 4 -> {
                int v = content.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(type.order()), i * 4);
                yield type.signed() ? v : v & 0xffff_ffffL;
            }
            case 8 -> content.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(type.order()), i * 8);
            default -> throw new IllegalStateException("element size " + type.size());
        };
    }

    /** Reads one array from a stream that ends with it. */
    static NpyArray read(String name, InputStream in) throws IOException, PreparationException {
        byte[] start = in.readNBytes(8);
        if (start.length < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
            throw new PreparationException(name + ": is not an NPY array (its first bytes are not \\x93NUMPY)");
        }
        String header = header(name, start[6], in);
        NpyType type = NpyType.parse(name, field(name, header, DESCR, "descr"));
        if (field(name, header, FORTRAN, "fortran_order").equals("True")) {
            throw new PreparationException(
                    name + ": fortran_order is True; only C order is supported (save numpy.ascontiguousarray)");
        }
        long[] shape = shape(name, field(name, header, SHAPE, "shape"));
        long bytes = type.size();
        try {
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
        } catch (ArithmeticException e) {
            throw new PreparationException(name + ": shape " + Arrays.toString(shape) + " is too large", e);
        }
        return new NpyArray(name, type, shape, content(name, in, bytes));
    }

    private static String header(String name, int version, InputStream in) throws IOException, PreparationException {
        if (version < 1 || version > 3) {
            throw new PreparationException(
                    "%s: NPY version %d is not supported; allowed are 1, 2, 3".formatted(name, version));
        }
        int width = version == 1 ? 2 : 4;
        byte[] field = in.readNBytes(width);
        long length = 0;
        for (int i = field.length - 1; i >= 0; i--) {
            length = length << 8 | (field[i] & 0xff);
        }
        if (field.length < width || length > LONGEST_HEADER) {
            throw new PreparationException(name + ": the NPY header's length is damaged");
        }
        byte[] text = in.readNBytes((int) length);
        if (text.length < length) {
            throw new PreparationException(name + ": ends inside its NPY header");
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private static String field(String name, String header, Pattern pattern, String key) throws PreparationException {
        Matcher m = pattern.matcher(header);
        if (!m.find()) {
            throw new PreparationException(
                    "%s: the NPY header has no usable '%s': %s".formatted(name, key, header.strip()));
        }
        return m.group(1);
    }

    private static long[] shape(String name, String text) throws PreparationException {
        try {
            return Arrays.stream(text.split(","))
                    .map(String::strip)
                    .filter(part -> !part.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
        } catch (NumberFormatException e) {
            throw new PreparationException("%s: shape (%s) is not usable".formatted(name, text), e);
        }
    }

    /** Grows with what is really there, so that a damaged shape cannot ask for all memory. */
    private static MemorySegment content(String name, InputStream in, long bytes)
            throws IOException, PreparationException {
        MemorySegment content = Arena.ofAuto().allocate(Math.min(bytes, PIECE), 8);
        byte[] piece = new byte[PIECE];
        long filled = 0;
        while (filled < bytes) {
            int read;
            try {
                read = in.read(piece, 0, (int) Math.min(PIECE, bytes - filled));
            } catch (EOFException e) {
                read = -1;
            }
            if (read < 0) {
                throw new PreparationException("%s: ends after %d of %d bytes".formatted(name, filled, bytes));
            }
            if (filled + read > content.byteSize()) {
                MemorySegment larger = Arena.ofAuto().allocate(Math.min(bytes, 4 * content.byteSize()), 8);
                larger.copyFrom(content.asSlice(0, filled));
                content = larger;
            }
            MemorySegment.copy(piece, 0, content, ValueLayout.JAVA_BYTE, filled, read);
            filled += read;
        }
        if (in.read() >= 0) {
            throw new PreparationException("%s: has more than the %d bytes of its shape".formatted(name, bytes));
        }
        return content.asSlice(0, bytes);
    }
}
