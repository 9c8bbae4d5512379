package org.fissionfusion.vision.dicom;

import java.io.IOException;
import java.util.Optional;

/** From stored values to grey levels 0..255. */
final class GreyMapping {
    private final int[] levels;

    private GreyMapping(int[] levels) {
        this.levels = levels;
    }

    static GreyMapping of(DicomFile file, boolean inverted) throws IOException {
        int bits = file.number(DicomTag.BITS_STORED)
                .orElse(file.number(DicomTag.BITS_ALLOCATED).orElse(8));
        if (bits < 1 || bits > 16) {
            throw new IOException("DICOM with " + bits + " stored bits is not supported; allowed are 1 to 16");
        }
        boolean signed = file.number(DicomTag.PIXEL_REPRESENTATION).orElse(0) == 1;
        double slope = file.decimal(DicomTag.RESCALE_SLOPE).orElse(1.0);
        double intercept = file.decimal(DicomTag.RESCALE_INTERCEPT).orElse(0.0);
        Optional<Double> centre = file.decimal(DicomTag.WINDOW_CENTER);
        Optional<Double> width = file.decimal(DicomTag.WINDOW_WIDTH);
        String function = file.text(DicomTag.VOI_LUT_FUNCTION).orElse("LINEAR");
        int count = 1 << bits;
        int lowest = signed ? -count / 2 : 0;
        int[] levels = new int[count];
        for (int stored = 0; stored < count; stored++) {
            int value = signed && stored >= count / 2 ? stored - count : stored;
            double share;
            if (centre.isPresent() && width.isPresent()) {
                share = window(function, value * slope + intercept, centre.get(), width.get());
            } else {
                double ofRange = (double) (value - lowest) / (count - 1);
                share = slope < 0 ? 1 - ofRange : ofRange;
            }
            int level = (int) Math.rint(255 * Math.clamp(share, 0.0, 1.0));
            levels[stored] = (inverted ? 255 - level : level) * 0x010101;
        }
        return new GreyMapping(levels);
    }

    /** PS3.3 C.11.2.1.2 and C.11.2.1.3, onto 0..1. */
    private static double window(String function, double x, double centre, double width) throws IOException {
        return switch (function) {
            case "LINEAR" -> {
                if (width <= 1) {
                    yield x <= centre - 0.5 ? 0 : 1;
                }
                yield (x - (centre - 0.5)) / (width - 1) + 0.5;
            }
            case "LINEAR_EXACT" -> (x - centre) / width + 0.5;
            case "SIGMOID" -> 1 / (1 + Math.exp(-4 * (x - centre) / width));
            default ->
                throw new IOException("DICOM VOI function " + function
                        + " is not supported; allowed are LINEAR, LINEAR_EXACT, SIGMOID");
        };
    }

    /** Packed RGB of stored values; bits above those stored do not count. */
    int[] apply(int[] stored) {
        int[] rgb = new int[stored.length];
        for (int i = 0; i < stored.length; i++) {
            rgb[i] = levels[stored[i] & (levels.length - 1)];
        }
        return rgb;
    }
}
