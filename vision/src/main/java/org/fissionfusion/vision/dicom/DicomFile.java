package org.fissionfusion.vision.dicom;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The elements of a DICOM file (PS3.10): file meta, then the data set in implicit or explicit VR little endian.
 * Sequences are skipped. Reading stops after the pixels.
 */
public final class DicomFile {
    private static final int PREAMBLE = 128;
    private static final byte[] MAGIC = {'D', 'I', 'C', 'M'};
    private static final int UNDEFINED = -1;
    private static final int ITEM = 0xFFFE_E000;
    private static final int ITEM_END = 0xFFFE_E00D;
    private static final int SEQUENCE_END = 0xFFFE_E0DD;
    private static final int META_GROUP = 0x0002;
    private static final Set<String> LONG_VR =
            Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV");

    private final Map<Integer, ByteBuffer> elements = new HashMap<>();
    private final byte[] all;
    private final ByteBuffer in;
    private TransferSyntax syntax;

    private DicomFile(byte[] bytes) {
        this.all = bytes;
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether these bytes begin like a DICOM file. */
    public static boolean is(byte[] bytes) {
        return bytes.length >= PREAMBLE + MAGIC.length
                && ByteBuffer.wrap(bytes, PREAMBLE, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    /**
     * Reads the elements of a whole file.
     *
     * @throws IOException with the reason, naming a transfer syntax that is not supported
     */
    public static DicomFile read(byte[] bytes) throws IOException {
        DicomFile file = new DicomFile(bytes);
        file.parse(true);
        return file;
    }

    /** Reads what comes before the pixels; the bytes may end anywhere after that. */
    public static DicomFile readHeader(byte[] bytes) throws IOException {
        DicomFile file = new DicomFile(bytes);
        file.parse(false);
        return file;
    }

    private void parse(boolean whole) throws IOException {
        if (!is(all)) {
            throw new IOException("is no DICOM file: 'DICM' is not at byte 128");
        }
        in.position(PREAMBLE + MAGIC.length);
        try {
            while (in.hasRemaining() && in.getShort(in.position()) == META_GROUP) {
                element(true);
            }
            syntax = TransferSyntax.of(text(DicomTag.TRANSFER_SYNTAX)
                    .orElseThrow(() -> new IOException("damaged: the DICOM file names no transfer syntax")));
            boolean explicit = syntax != TransferSyntax.IMPLICIT_LITTLE_ENDIAN;
            while (in.hasRemaining() && !elements.containsKey(DicomTag.PIXEL_DATA.number())) {
                if (!whole && tagAt(in.position()) == DicomTag.PIXEL_DATA.number()) {
                    return;
                }
                element(explicit);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("damaged: the DICOM file ends within an element", e);
        }
    }

    private int tagAt(int position) {
        return in.getShort(position) << 16 | (in.getShort(position + 2) & 0xffff);
    }

    private int tag() {
        int tag = tagAt(in.position());
        in.position(in.position() + 4);
        return tag;
    }

    private void element(boolean explicit) throws IOException {
        int tag = tag();
        String vr = "";
        int length;
        if (explicit) {
            byte[] code = new byte[2];
            in.get(code);
            vr = new String(code, StandardCharsets.US_ASCII);
            if (LONG_VR.contains(vr)) {
                in.getShort();
                length = in.getInt();
            } else {
                length = in.getShort() & 0xffff;
            }
        } else {
            length = in.getInt();
        }
        if (length != UNDEFINED) {
            elements.put(tag, take(length));
        } else if (tag == DicomTag.PIXEL_DATA.number()) {
            elements.put(tag, fragments());
        } else {
            skipItems(explicit && !vr.equals("UN")); // what is unknown and of undefined length is implicit
        }
    }

    private ByteBuffer take(int length) {
        ByteBuffer value = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return value;
    }

    /** The fragments of encapsulated pixels in one; the first item is the table of offsets. */
    private ByteBuffer fragments() throws IOException {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        boolean table = true;
        for (int tag = tag(); tag != SEQUENCE_END; tag = tag()) {
            if (tag != ITEM) {
                throw new IOException("damaged: the DICOM pixel fragments are not in items");
            }
            ByteBuffer fragment = take(in.getInt());
            if (!table) {
                joined.write(all, in.position() - fragment.limit(), fragment.limit());
            }
            table = false;
        }
        in.getInt();
        return ByteBuffer.wrap(joined.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void skipItems(boolean explicit) throws IOException {
        for (int tag = tag(); tag != SEQUENCE_END; tag = tag()) {
            int length = in.getInt();
            if (tag != ITEM) {
                throw new IOException("damaged: a DICOM sequence has something that is no item");
            }
            if (length != UNDEFINED) {
                take(length);
                continue;
            }
            Map<Integer, ByteBuffer> kept = new HashMap<>(elements);
            while (tagAt(in.position()) != ITEM_END) {
                element(explicit);
            }
            elements.clear(); // what is nested says nothing about the picture
            elements.putAll(kept);
            in.position(in.position() + 8);
        }
        in.getInt();
    }

    /** Pixels of a row. */
    public int columns() throws IOException {
        return required(DicomTag.COLUMNS);
    }

    /** Rows of the picture. */
    public int rows() throws IOException {
        return required(DicomTag.ROWS);
    }

    TransferSyntax syntax() {
        return syntax;
    }

    Optional<ByteBuffer> bytes(DicomTag tag) {
        return Optional.ofNullable(elements.get(tag.number()))
                .map(value -> value.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }

    /** A text element without padding; empty when it is not there or blank. */
    public Optional<String> text(DicomTag tag) {
        return bytes(tag)
                .map(value -> StandardCharsets.ISO_8859_1
                        .decode(value)
                        .toString()
                        .replace('\0', ' ')
                        .strip())
                .filter(text -> !text.isEmpty());
    }

    /** The first of the decimal numbers of a text element. */
    Optional<Double> decimal(DicomTag tag) throws IOException {
        Optional<String> text = text(tag);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Double.parseDouble(text.get().split("\\\\", -1)[0].strip()));
        } catch (NumberFormatException e) {
            throw new IOException("damaged: DICOM element %s is '%s'".formatted(tag, text.get()), e);
        }
    }

    /** An unsigned 16-bit element. */
    Optional<Integer> number(DicomTag tag) {
        return bytes(tag).filter(value -> value.remaining() >= 2).map(value -> value.getShort(0) & 0xffff);
    }

    int required(DicomTag tag) throws IOException {
        return number(tag).orElseThrow(() -> new IOException("damaged: the DICOM file has no element " + tag));
    }
}
