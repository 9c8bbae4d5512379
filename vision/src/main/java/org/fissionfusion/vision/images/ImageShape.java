package org.fissionfusion.vision.images;

/** Height and width in pixels and number of channels (1 grey or 3 RGB) of every image of a set. */
public record ImageShape(int height, int width, int channels) {
    public ImageShape {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("image height and width must be positive: " + height + "x" + width);
        }
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("channels must be 1 or 3: " + channels);
        }
    }

    /** Bytes of one image, one byte per channel and pixel. */
    public int bytes() {
        return Math.multiplyExact(Math.multiplyExact(height, width), channels);
    }

    @Override
    public String toString() {
        return height + "x" + width + "x" + channels;
    }
}
