package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.vision.dicom.DicomFile;
import org.fissionfusion.vision.dicom.DicomTag;

/** Subgroup columns from the header of a DICOM file. */
final class DicomColumns {
    /** Headers of films are a few kilobytes; private elements may make them longer. */
    private static final int LONGEST_HEADER = 1 << 18;

    private DicomColumns() {}

    /** What the header tells; nothing when it cannot be read, which decoding the picture will report. */
    static Map<String, String> of(Path file) {
        Map<String, String> columns = new TreeMap<>();
        try (InputStream in = Files.newInputStream(file)) {
            DicomFile header = DicomFile.readHeader(in.readNBytes(LONGEST_HEADER));
            header.text(DicomTag.PATIENT_SEX).ifPresent(text -> columns.put("sex", text));
            header.text(DicomTag.PATIENT_AGE).flatMap(AgeBand::of).ifPresent(band -> columns.put("age", band));
            header.text(DicomTag.VIEW_POSITION).ifPresent(text -> columns.put("view", text));
            header.text(DicomTag.MODEL)
                    .or(() -> header.text(DicomTag.MANUFACTURER))
                    .ifPresent(text -> columns.put("device", text));
        } catch (IOException e) {
            return columns;
        }
        return columns;
    }
}
