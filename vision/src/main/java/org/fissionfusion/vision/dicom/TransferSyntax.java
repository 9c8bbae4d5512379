package org.fissionfusion.vision.dicom;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** How a DICOM file writes its elements and its pixels. */
enum TransferSyntax {
    IMPLICIT_LITTLE_ENDIAN("1.2.840.10008.1.2"),
    EXPLICIT_LITTLE_ENDIAN("1.2.840.10008.1.2.1"),
    JPEG_BASELINE("1.2.840.10008.1.2.4.50"),
    JPEG_LOSSLESS("1.2.840.10008.1.2.4.57"),
    JPEG_LOSSLESS_SV1("1.2.840.10008.1.2.4.70");

    /** Named in errors, so that a user knows what to convert from. */
    private static final Map<String, String> UNSUPPORTED = Map.ofEntries(
            Map.entry("1.2.840.10008.1.2.1.99", "deflated explicit VR little endian"),
            Map.entry("1.2.840.10008.1.2.2", "explicit VR big endian"),
            Map.entry("1.2.840.10008.1.2.4.51", "JPEG extended"),
            Map.entry("1.2.840.10008.1.2.4.80", "JPEG-LS lossless"),
            Map.entry("1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless"),
            Map.entry("1.2.840.10008.1.2.4.90", "JPEG 2000 lossless"),
            Map.entry("1.2.840.10008.1.2.4.91", "JPEG 2000"),
            Map.entry("1.2.840.10008.1.2.4.201", "HTJ2K lossless"),
            Map.entry("1.2.840.10008.1.2.5", "RLE lossless"));

    private final String uid;

    TransferSyntax(String uid) {
        this.uid = uid;
    }

    static TransferSyntax of(String uid) throws IOException {
        return Arrays.stream(values())
                .filter(syntax -> syntax.uid.equals(uid))
                .findFirst()
                .orElseThrow(() -> new IOException(
                        "DICOM transfer syntax %s (%s) is not supported; supported are %s: convert the file, for example with gdcmconv --raw"
                                .formatted(
                                        uid,
                                        UNSUPPORTED.getOrDefault(uid, "unknown"),
                                        Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")))));
    }

    boolean encapsulated() {
        return switch (this) {
            case IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN -> false;
            case JPEG_BASELINE, JPEG_LOSSLESS, JPEG_LOSSLESS_SV1 -> true;
        };
    }
}
