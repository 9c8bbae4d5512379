package org.fissionfusion.vision.dicom;

/** The elements that are read; group in the upper half of the number, element in the lower. */
public enum DicomTag {
    TRANSFER_SYNTAX(0x0002_0010),
    MANUFACTURER(0x0008_0070),
    MODEL(0x0008_1090),
    PATIENT_SEX(0x0010_0040),
    PATIENT_AGE(0x0010_1010),
    VIEW_POSITION(0x0018_5101),
    SAMPLES_PER_PIXEL(0x0028_0002),
    PHOTOMETRIC_INTERPRETATION(0x0028_0004),
    PLANAR_CONFIGURATION(0x0028_0006),
    NUMBER_OF_FRAMES(0x0028_0008),
    ROWS(0x0028_0010),
    COLUMNS(0x0028_0011),
    BITS_ALLOCATED(0x0028_0100),
    BITS_STORED(0x0028_0101),
    PIXEL_REPRESENTATION(0x0028_0103),
    WINDOW_CENTER(0x0028_1050),
    WINDOW_WIDTH(0x0028_1051),
    RESCALE_INTERCEPT(0x0028_1052),
    RESCALE_SLOPE(0x0028_1053),
    VOI_LUT_FUNCTION(0x0028_1056),
    PIXEL_DATA(0x7FE0_0010);

    private final int number;

    DicomTag(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
