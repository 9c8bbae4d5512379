package org.fissionfusion.vision.augment;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.ResizeFilter;
import org.fissionfusion.vision.images.ResizeWeights;

/**
 * Crop, then resize to a square with PIL's antialiased bilinear filter: horizontal pass, rounding to a byte, vertical
 * pass. Keeps its buffers, so one per worker.
 */
final class CropResize {
    private final ResizeWeights across = new ResizeWeights(ResizeFilter.BILINEAR);
    private final ResizeWeights down = new ResizeWeights(ResizeFilter.BILINEAR);
    private final ImageShape shape;
    private final int out;
    private final byte[] source;
    /** One value 0..255 per cell, plane after plane, rows of the crop by output columns. Ints, for the vector unit. */
    private final int[] narrowed;

    CropResize(ImageShape shape, int out) {
        this.shape = shape;
        this.out = out;
        this.source = new byte[shape.bytes()];
        this.narrowed = new int[shape.channels() * shape.height() * out];
    }

    /** Reads an H x W x C image and leaves the resized window in the raster. */
    void apply(MemorySegment pixels, long offset, CropWindow window, Raster target) {
        int line = shape.width() * shape.channels();
        int bytes = window.height() * line;
        MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, offset + (long) window.top() * line, source, 0, bytes);
        across.prepare(window.width(), out);
        down.prepare(window.height(), out);
        int first = window.left() * shape.channels();
        for (int y = 0; y < window.height(); y++) {
            if (shape.channels() == 3 && across.taps() == 3) {
                narrowColour3(y * line + first, y * out, window.height() * out);
            } else if (shape.channels() == 3) {
                narrowColour(y * line + first, y * out, window.height() * out);
            } else {
                narrowGrey(y * line + first, y * out);
            }
        }
        byte[] result = target.pixels();
        for (int p = 0; p < shape.channels(); p++) {
            lower(p * window.height() * out, result, p * out * out);
        }
    }

    private void narrowGrey(int from, int to) {
        int taps = across.taps();
        int[] starts = across.starts();
        int[] weights = across.weights();
        for (int x = 0, w = 0; x < out; x++) {
            int sum = ResizeWeights.HALF;
            for (int at = from + starts[x], end = at + taps; at < end; at++, w++) {
                sum += (source[at] & 0xff) * weights[w];
            }
            narrowed[to + x] = sum >> ResizeWeights.BITS;
        }
    }

    private void narrowColour(int from, int to, int plane) {
        int taps = across.taps();
        int[] starts = across.starts();
        int[] weights = across.weights();
        for (int x = 0, w = 0; x < out; x++) {
            int red = ResizeWeights.HALF;
            int green = ResizeWeights.HALF;
            int blue = ResizeWeights.HALF;
            for (int at = from + 3 * starts[x], end = at + 3 * taps; at < end; at += 3, w++) {
                int weight = weights[w];
                red += (source[at] & 0xff) * weight;
                green += (source[at + 1] & 0xff) * weight;
                blue += (source[at + 2] & 0xff) * weight;
            }
            narrowed[to + x] = red >> ResizeWeights.BITS;
            narrowed[to + plane + x] = green >> ResizeWeights.BITS;
            narrowed[to + 2 * plane + x] = blue >> ResizeWeights.BITS;
        }
    }

    /** {@link #narrowColour} of three taps without its inner loop: the usual case when 256 becomes 224. */
    private void narrowColour3(int from, int to, int plane) {
        byte[] in = source;
        int[] starts = across.starts();
        int[] weights = across.weights();
        for (int x = 0; x < out; x++) {
            int at = from + 3 * starts[x];
            int a = weights[3 * x];
            int b = weights[3 * x + 1];
            int c = weights[3 * x + 2];
            int red = (in[at] & 0xff) * a + (in[at + 3] & 0xff) * b + (in[at + 6] & 0xff) * c;
            int green = (in[at + 1] & 0xff) * a + (in[at + 4] & 0xff) * b + (in[at + 7] & 0xff) * c;
            int blue = (in[at + 2] & 0xff) * a + (in[at + 5] & 0xff) * b + (in[at + 8] & 0xff) * c;
            narrowed[to + x] = (red + ResizeWeights.HALF) >> ResizeWeights.BITS;
            narrowed[to + plane + x] = (green + ResizeWeights.HALF) >> ResizeWeights.BITS;
            narrowed[to + 2 * plane + x] = (blue + ResizeWeights.HALF) >> ResizeWeights.BITS;
        }
    }

    private void lower(int from, byte[] result, int to) {
        int taps = down.taps();
        int[] starts = down.starts();
        int[] weights = down.weights();
        for (int y = 0; y < out; y++) {
            int row = from + starts[y] * out;
            int w = y * taps;
            int target = to + y * out;
            switch (taps) {
                case 1 -> lower1(row, result, target);
                case 2 -> lower2(row, weights[w], weights[w + 1], result, target);
                case 3 -> lower3(row, weights[w], weights[w + 1], weights[w + 2], result, target);
                default -> lowerMany(row, weights, w, result, target);
            }
        }
    }

    private void lower1(int row, byte[] result, int to) {
        for (int x = 0; x < out; x++) {
            result[to + x] = (byte) narrowed[row + x];
        }
    }

    private void lower2(int row, int a, int b, byte[] result, int to) {
        for (int x = 0; x < out; x++) {
            int sum = ResizeWeights.HALF + narrowed[row + x] * a + narrowed[row + out + x] * b;
            result[to + x] = (byte) (sum >> ResizeWeights.BITS);
        }
    }

    private void lower3(int row, int a, int b, int c, byte[] result, int to) {
        for (int x = 0; x < out; x++) {
            int sum = ResizeWeights.HALF
                    + narrowed[row + x] * a
                    + narrowed[row + out + x] * b
                    + narrowed[row + 2 * out + x] * c;
            result[to + x] = (byte) (sum >> ResizeWeights.BITS);
        }
    }

    private void lowerMany(int row, int[] weights, int firstWeight, byte[] result, int to) {
        int taps = down.taps();
        for (int x = 0; x < out; x++) {
            int sum = ResizeWeights.HALF;
            for (int t = 0, at = row + x; t < taps; t++, at += out) {
                sum += narrowed[at] * weights[firstWeight + t];
            }
            result[to + x] = (byte) (sum >> ResizeWeights.BITS);
        }
    }
}
