package org.fissionfusion.vision.augment;

/** One image while it is worked on: bytes, plane after plane (one grey or three RGB planes). */
final class Raster {
    private final int size;
    private final int planes;
    private final int area;
    private byte[] pixels;
    private byte[] spare;

    /** A square raster of {@code size} pixels a side. */
    Raster(int size, int planes) {
        this.size = size;
        this.planes = planes;
        this.area = size * size;
        this.pixels = new byte[planes * area];
        this.spare = new byte[planes * area];
    }

    int size() {
        return size;
    }

    int planes() {
        return planes;
    }

    /** Pixels of one plane. */
    int area() {
        return area;
    }

    /** The current pixels; another array after {@link #swap}. */
    byte[] pixels() {
        return pixels;
    }

    /** As large as {@link #pixels}, of any content: for operations that cannot work in place. */
    byte[] spare() {
        return spare;
    }

    /** Makes the spare the image. */
    void swap() {
        byte[] old = pixels;
        pixels = spare;
        spare = old;
    }

    void flipHorizontally() {
        for (int from = 0; from < pixels.length; from += size) {
            for (int a = from, b = from + size - 1; a < b; a++, b--) {
                byte kept = pixels[a];
                pixels[a] = pixels[b];
                pixels[b] = kept;
            }
        }
    }
}
