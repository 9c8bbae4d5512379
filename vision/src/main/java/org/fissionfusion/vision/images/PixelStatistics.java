package org.fissionfusion.vision.images;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Mean and deviation of R, G and B on the scale 0..1, over all pixels of a set; grey counts as three equal channels. */
@SuppressWarnings("ArrayRecordComponent")
record PixelStatistics(double[] mean, double[] deviation) {

    static PixelStatistics of(LabelledImages images) {
        int channels = images.shape().channels();
        long[][] counts = new long[channels][256];
        long bytes = images.pixels().byteSize();
        for (long i = 0; i < bytes; ) {
            for (int c = 0; c < channels; c++, i++) {
                counts[c][images.pixels().get(ValueLayout.JAVA_BYTE, i) & 0xff]++;
            }
        }
        double[] mean = new double[3];
        double[] deviation = new double[3];
        for (int c = 0; c < 3; c++) {
            long[] count = counts[Math.min(c, channels - 1)];
            double total = Math.max(1, LongStream.of(count).sum());
            double sum = 0;
            double squares = 0;
            for (int v = 0; v < 256; v++) {
                sum += (double) count[v] * v;
                squares += (double) count[v] * v * v;
            }
            double m = sum / total;
            mean[c] = m / 255;
            deviation[c] = Math.sqrt(Math.max(0, squares / total - m * m)) / 255;
        }
        return new PixelStatistics(mean, deviation);
    }

    String meanText() {
        return text(mean);
    }

    String deviationText() {
        return text(deviation);
    }

    private static String text(double[] values) {
        return Arrays.stream(values).mapToObj(v -> Float.toString((float) v)).collect(Collectors.joining(","));
    }
}
