package org.fissionfusion.vision.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The same random images for the engine and for a naive network. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Pixels(ByteBuffer buffer, double[][][][] values) {
    public static Pixels random(int images, int size, long seed) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(4 * images * 3 * size * size).order(ByteOrder.nativeOrder());
        double[][][][] values = new double[images][3][size][size];
        SplitMix random = new SplitMix(seed);
        for (double[][][] image : values) {
            for (double[][] channel : image) {
                for (double[] row : channel) {
                    for (int j = 0; j < size; j++) {
                        float value = (float) random.nextGaussian();
                        row[j] = value;
                        buffer.putFloat(value);
                    }
                }
            }
        }
        return new Pixels(buffer.rewind(), values);
    }
}
