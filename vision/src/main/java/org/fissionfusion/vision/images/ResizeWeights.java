package org.fissionfusion.vision.images;

import java.util.Arrays;

/**
 * A filter of PIL's antialiased resize along one axis, in its fixed point: weights of 22 fractional bits that sum to
 * one. Every output pixel gets the same number of taps, unused ones weigh zero.
 */
public final class ResizeWeights {
    public static final int BITS = 22;
    public static final int HALF = 1 << (BITS - 1);

    private final ResizeFilter filter;
    private int[] starts = new int[0];
    private int[] weights = new int[0];
    private double[] row = new double[0];
    private int inSize;
    private int outSize;
    private int taps;

    public ResizeWeights(ResizeFilter filter) {
        this.filter = filter;
    }

    public int taps() {
        return taps;
    }

    /** First input pixel of each output pixel. */
    public int[] starts() {
        return starts;
    }

    /** {@link #taps} weights per output pixel. */
    public int[] weights() {
        return weights;
    }

    /** Computes the weights unless they are the ones of the last call. */
    public void prepare(int in, int out) {
        if (in == inSize && out == outSize) {
            return;
        }
        inSize = in;
        outSize = out;
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1.0);
        double support = filter.support() * stretch;
        taps = Math.min(in, widestSpan(in, out, scale, support));
        if (starts.length < out) {
            starts = new int[out];
        }
        if (weights.length < out * taps) {
            weights = new int[out * taps];
        }
        if (row.length < taps) {
            row = new double[taps];
        }
        Arrays.fill(weights, 0, out * taps, 0);
        for (int i = 0; i < out; i++) {
            fill(i, (i + 0.5) * scale, support, 1 / stretch);
        }
    }

    private static int widestSpan(int in, int out, double scale, double support) {
        int widest = 1;
        for (int i = 0; i < out; i++) {
            double centre = (i + 0.5) * scale;
            widest = Math.max(widest, last(centre, support, in) - first(centre, support));
        }
        return widest;
    }

    private static int first(double centre, double support) {
        return Math.max(0, (int) (centre - support + 0.5));
    }

    private static int last(double centre, double support, int in) {
        return Math.min(in, (int) (centre + support + 0.5));
    }

    private void fill(int i, double centre, double support, double shrink) {
        int from = first(centre, support);
        int count = last(centre, support, inSize) - from;
        double total = 0;
        for (int t = 0; t < count; t++) {
            row[t] = filter.weight((t + from - centre + 0.5) * shrink);
            total += row[t];
        }
        int start = Math.min(from, inSize - taps);
        starts[i] = start;
        for (int t = 0; t < count; t++) {
            double weight = row[t] / total * (1 << BITS);
            weights[i * taps + from - start + t] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
    }
}
