package org.fissionfusion.vision.augment;

import java.util.Arrays;

/**
 * PIL's operations on grey levels: ImageEnhance's brightness, contrast, colour and sharpness, and ImageOps' posterize,
 * solarize, autocontrast and equalize. Factor 1 of an enhancement is the image itself.
 */
final class Tones {
    private final byte[] table = new byte[256];
    private final int[] histogram = new int[256];

    void brightness(Raster raster, double factor) {
        blendWithConstant(raster, 0, factor);
    }

    /** Blends with the mean of the luminance. */
    void contrast(Raster raster, double factor) {
        byte[] pixels = raster.pixels();
        int area = raster.area();
        long sum = 0;
        for (int i = 0; i < area; i++) {
            sum += luminance(raster, pixels, i);
        }
        blendWithConstant(raster, (int) ((double) sum / area + 0.5), factor);
    }

    /** Blends each pixel with its luminance; grey images do not change. */
    void colour(Raster raster, double factor) {
        if (raster.planes() == 1) {
            return;
        }
        float alpha = (float) factor;
        byte[] pixels = raster.pixels();
        int area = raster.area();
        for (int i = 0; i < area; i++) {
            int grey = luminance(raster, pixels, i);
            pixels[i] = blend(grey, pixels[i] & 0xff, alpha);
            pixels[i + area] = blend(grey, pixels[i + area] & 0xff, alpha);
            pixels[i + 2 * area] = blend(grey, pixels[i + 2 * area] & 0xff, alpha);
        }
    }

    /** Blends with the image smoothed by (1 1 1, 1 5 1, 1 1 1) / 13, whose border is the image's own. */
    void sharpness(Raster raster, double factor) {
        float alpha = (float) factor;
        int size = raster.size();
        byte[] in = raster.pixels();
        byte[] out = raster.spare();
        System.arraycopy(in, 0, out, 0, in.length);
        for (int plane = 0; plane < in.length; plane += raster.area()) {
            for (int y = 1; y < size - 1; y++) {
                sharpenRow(in, out, plane + y * size, size, alpha);
            }
        }
        raster.swap();
    }

    private static void sharpenRow(byte[] in, byte[] out, int row, int size, float alpha) {
        int above = row - size;
        int below = row + size;
        for (int x = 1; x < size - 1; x++) {
            int middle = in[row + x] & 0xff;
            int sum = (in[above + x - 1] & 0xff) + (in[above + x] & 0xff) + (in[above + x + 1] & 0xff);
            sum += (in[row + x - 1] & 0xff) + 5 * middle + (in[row + x + 1] & 0xff);
            sum += (in[below + x - 1] & 0xff) + (in[below + x] & 0xff) + (in[below + x + 1] & 0xff);
            out[row + x] = blend((2 * sum + 13) / 26, middle, alpha);
        }
    }

    /** Keeps the highest {@code bits} of each byte. */
    void posterize(Raster raster, int bits) {
        int mask = 0xff << (8 - bits);
        for (int i = 0; i < 256; i++) {
            table[i] = (byte) (i & mask);
        }
        translate(raster.pixels(), 0, raster.pixels().length);
    }

    /** Inverts the levels that are not below the threshold. */
    void solarize(Raster raster, double threshold) {
        for (int i = 0; i < 256; i++) {
            table[i] = (byte) (i < threshold ? i : 255 - i);
        }
        translate(raster.pixels(), 0, raster.pixels().length);
    }

    /** Stretches each plane to the whole range. */
    void autoContrast(Raster raster) {
        for (int plane = 0; plane < raster.pixels().length; plane += raster.area()) {
            count(raster, plane);
            int low = 0;
            while (low < 255 && histogram[low] == 0) {
                low++;
            }
            int high = 255;
            while (high > 0 && histogram[high] == 0) {
                high--;
            }
            if (high <= low) {
                continue;
            }
            double scale = 255.0 / (high - low);
            double offset = -low * scale;
            for (int i = 0; i < 256; i++) {
                table[i] = (byte) Math.clamp((int) (i * scale + offset), 0, 255);
            }
            translate(raster.pixels(), plane, raster.area());
        }
    }

    /** Gives each plane a flat histogram. */
    void equalize(Raster raster) {
        for (int plane = 0; plane < raster.pixels().length; plane += raster.area()) {
            count(raster, plane);
            int last = 255;
            while (last > 0 && histogram[last] == 0) {
                last--;
            }
            int step = (raster.area() - histogram[last]) / 255;
            if (step == 0) {
                continue;
            }
            for (int i = 0, n = step / 2; i < 256; n += histogram[i], i++) {
                table[i] = (byte) Math.min(n / step, 255);
            }
            translate(raster.pixels(), plane, raster.area());
        }
    }

    private void count(Raster raster, int plane) {
        Arrays.fill(histogram, 0);
        byte[] pixels = raster.pixels();
        for (int i = plane; i < plane + raster.area(); i++) {
            histogram[pixels[i] & 0xff]++;
        }
    }

    private void blendWithConstant(Raster raster, int constant, double factor) {
        for (int i = 0; i < 256; i++) {
            table[i] = blend(constant, i, (float) factor);
        }
        translate(raster.pixels(), 0, raster.pixels().length);
    }

    private void translate(byte[] pixels, int from, int count) {
        for (int i = from; i < from + count; i++) {
            pixels[i] = table[pixels[i] & 0xff];
        }
    }

    private static int luminance(Raster raster, byte[] pixels, int i) {
        if (raster.planes() == 1) {
            return pixels[i] & 0xff;
        }
        int area = raster.area();
        return ((pixels[i] & 0xff) * 19595
                        + (pixels[i + area] & 0xff) * 38470
                        + (pixels[i + 2 * area] & 0xff) * 7471
                        + 0x8000)
                >> 16;
    }

    /** Single precision and truncation, as PIL's Image.blend. */
    private static byte blend(int from, int to, float alpha) {
        float value = from + alpha * (to - from);
        return (byte) Math.clamp((int) value, 0, 255);
    }
}
