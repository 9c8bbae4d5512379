package org.fissionfusion.vision.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of whole numbers or texts in NumPy's NPY format (versions 1 to 3, C order). What is larger than a piece lies
 * in a mapped file that has no name any more, so that reading a data set does not hold it in memory.
 *
 * @param name as it is called in messages: file and key
 * @param type size and kind of an element
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

    /** What an element is. */
    public enum Kind {
        SIGNED,
        UNSIGNED,
        /** UTF-32 code units, filled up with zeros. */
        TEXT,
        /** Bytes of a text, filled up with zeros. */
        BYTES
    }

    /** Element type: bytes, kind, byte order. */
    public record NpyType(int size, Kind kind, ByteOrder order) {
        private static final Pattern NUMBER = Pattern.compile("([<>|=])([iu])([1248])");
        private static final Pattern TEXT = Pattern.compile("([<>|=])([US])([1-9][0-9]{0,4})");

        static NpyType parse(String name, String descr) throws PreparationException {
            Matcher number = NUMBER.matcher(descr);
            if (number.matches()) {
                Kind kind = number.group(2).equals("i") ? Kind.SIGNED : Kind.UNSIGNED;
                return new NpyType(Integer.parseInt(number.group(3)), kind, order(number.group(1)));
            }
            Matcher text = TEXT.matcher(descr);
            if (text.matches()) {
                int length = Integer.parseInt(text.group(3));
                return text.group(2).equals("U")
                        ? new NpyType(Integer.BYTES * length, Kind.TEXT, order(text.group(1)))
                        : new NpyType(length, Kind.BYTES, order(text.group(1)));
            }
            throw new PreparationException(
                    "%s: type '%s' is not supported; allowed are whole numbers of 1, 2, 4 or 8 bytes (like |u1, <i8) and texts (like <U12)"
                            .formatted(name, descr));
        }

        private static ByteOrder order(String sign) {
            return sign.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        }

        boolean isNumber() {
            return switch (kind) {
                case SIGNED, UNSIGNED -> true;
                case TEXT, BYTES -> false;
            };
        }
    }

    /** Number of elements. */
    public long elements() {
        return content.byteSize() / type.size();
    }

    /** Element {@code i} in C order as text; numbers in decimal. */
    public String textAt(long i) {
        return switch (type.kind()) {
            case SIGNED, UNSIGNED -> Long.toString(at(i));
            case TEXT -> {
                StringBuilder text = new StringBuilder();
                ValueLayout.OfInt unit = ValueLayout.JAVA_INT_UNALIGNED.withOrder(type.order());
                for (long at = i * type.size(); at < (i + 1) * type.size(); at += Integer.BYTES) {
                    int point = content.get(unit, at);
                    if (point != 0) {
                        text.appendCodePoint(Character.isValidCodePoint(point) ? point : 0xfffd);
                    }
                }
                yield text.toString();
            }
            case BYTES -> {
                byte[] bytes = content.asSlice(i * type.size(), type.size()).toArray(ValueLayout.JAVA_BYTE);
                int length = bytes.length;
                while (length > 0 && bytes[length - 1] == 0) {
                    length--;
                }
                yield new String(bytes, 0, length, StandardCharsets.UTF_8);
            }
        };
    }

    /** Element {@code i} in C order, of an array of numbers. */
    public long at(long i) {
        boolean signed = type.kind() == Kind.SIGNED;
        return switch (type.size()) {
            case 1 -> {
                byte b = content.get(ValueLayout.JAVA_BYTE, i);
                yield signed ? b : b & 0xff;
            }
            case 2 -> {
                short s = content.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(type.order()), i * 2);
                yield signed ? s : s & 0xffff;
            }
            case 4 -> {
                int v = content.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(type.order()), i * 4);
                yield signed ? v : v & 0xffff_ffffL;
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
        MemorySegment content = bytes <= PIECE ? small(name, in, (int) bytes) : spooled(name, in, bytes);
        if (in.read() >= 0) {
            throw new PreparationException("%s: has more than the %d bytes of its shape".formatted(name, bytes));
        }
        return new NpyArray(name, type, shape, content);
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

    private static MemorySegment small(String name, InputStream in, int bytes)
            throws IOException, PreparationException {
        byte[] read = piece(in, bytes);
        requireAll(name, read.length, bytes);
        MemorySegment content = Arena.ofAuto().allocate(bytes, Long.BYTES);
        MemorySegment.copy(read, 0, content, ValueLayout.JAVA_BYTE, 0, bytes);
        return content;
    }

    /** The file grows with what is really there, so that a damaged shape cannot ask for all of the disk. */
    private static MemorySegment spooled(String name, InputStream in, long bytes)
            throws IOException, PreparationException {
        Path file = Files.createTempFile("fissionfusion-array", null);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            long filled = 0;
            while (filled < bytes) {
                byte[] read = piece(in, (int) Math.min(PIECE, bytes - filled));
                if (read.length == 0) {
                    break;
                }
                ByteBuffer buffer = ByteBuffer.wrap(read);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                filled += read.length;
            }
            requireAll(name, filled, bytes);
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, Arena.ofAuto());
        }
    }

    /** Fewer bytes than wanted at the end of the stream, however it ends. */
    private static byte[] piece(InputStream in, int wanted) throws IOException {
        byte[] piece = new byte[wanted];
        int filled = 0;
        try {
            filled = in.readNBytes(piece, 0, wanted);
        } catch (EOFException e) {
            // a damaged zip entry: too short, like any other
        }
        return filled == wanted ? piece : Arrays.copyOf(piece, filled);
    }

    private static void requireAll(String name, long read, long bytes) throws PreparationException {
        if (read < bytes) {
            throw new PreparationException("%s: ends after %d of %d bytes".formatted(name, read, bytes));
        }
    }
}
