package org.fissionfusion.vision.augment;

import java.util.Arrays;

/**
 * PIL's affine transform with bilinear interpolation: each output pixel's centre is mapped back into the image, outside
 * is black, the interpolated value is truncated.
 */
final class Warp {
    private Warp() {}

    /** x' = x + slope * y, about the corner. */
    static void shearX(Raster raster, double slope) {
        affine(raster, 1, slope, 0, 0, 1, 0);
    }

    /** y' = y + slope * x, about the corner. */
    static void shearY(Raster raster, double slope) {
        affine(raster, 1, 0, 0, slope, 1, 0);
    }

    /** Counter-clockwise about the centre. */
    static void rotate(Raster raster, double degrees) {
        double angle = -Math.toRadians(degrees);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double centre = raster.size() / 2.0;
        affine(raster, cos, sin, centre - cos * centre - sin * centre, -sin, cos, centre + sin * centre - cos * centre);
    }

    /** Moves the image right and down by whole pixels; interpolation would change nothing. */
    static void translate(Raster raster, int right, int down) {
        byte[] in = raster.pixels();
        byte[] out = raster.spare();
        int size = raster.size();
        Arrays.fill(out, (byte) 0);
        int length = size - Math.abs(right);
        if (length > 0) {
            for (int plane = 0; plane < in.length; plane += raster.area()) {
                for (int y = Math.max(0, down); y < Math.min(size, size + down); y++) {
                    int from = plane + (y - down) * size + Math.max(0, -right);
                    System.arraycopy(in, from, out, plane + y * size + Math.max(0, right), length);
                }
            }
        }
        raster.swap();
    }

    private static void affine(Raster raster, double a, double b, double c, double d, double e, double f) {
        int size = raster.size();
        for (int y = 0; y < size; y++) {
            double rowX = b * (y + 0.5) + c;
            double rowY = e * (y + 0.5) + f;
            for (int x = 0; x < size; x++) {
                double sourceX = a * (x + 0.5) + rowX;
                double sourceY = d * (x + 0.5) + rowY;
                sample(raster, y * size + x, sourceX, sourceY);
            }
        }
        raster.swap();
    }

    private static void sample(Raster raster, int to, double x, double y) {
        int size = raster.size();
        int area = raster.area();
        byte[] in = raster.pixels();
        byte[] out = raster.spare();
        if (x < 0 || x >= size || y < 0 || y >= size) {
            for (int at = to; at < out.length; at += area) {
                out[at] = 0;
            }
            return;
        }
        // half a pixel more keeps the cast a floor
        int left = (int) (x + 0.5) - 1;
        int top = (int) (y + 0.5) - 1;
        double dx = x - 0.5 - left;
        double dy = y - 0.5 - top;
        int x0 = Math.max(left, 0);
        int x1 = Math.min(left + 1, size - 1);
        int upper = Math.max(top, 0) * size;
        int lower = Math.min(top + 1, size - 1) * size;
        for (int plane = 0, at = to; plane < in.length; plane += area, at += area) {
            int p00 = in[plane + upper + x0] & 0xff;
            int p01 = in[plane + upper + x1] & 0xff;
            int p10 = in[plane + lower + x0] & 0xff;
            int p11 = in[plane + lower + x1] & 0xff;
            double v0 = p00 + (p01 - p00) * dx;
            double v1 = p10 + (p11 - p10) * dx;
            out[at] = (byte) (int) (v0 + (v1 - v0) * dy);
        }
    }
}
