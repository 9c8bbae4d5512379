package org.fissionfusion.vision.synthetic;

/**
 * How a picture is taken.
 *
 * @param zoom above 1 shows lesions larger
 * @param red gain of the red channel, and so on for {@code green} and {@code blue}
 * @param blur passes of a 3 x 3 mean
 * @param noise deviation of the sensor noise in grey levels
 * @param vignette how dark the corners are, 0..1
 */
record Acquisition(double zoom, double red, double green, double blue, int blur, double noise, double vignette) {
    static final Acquisition CLINIC = new Acquisition(1, 1, 1, 1, 0, 3, 0.1);

    /** Another device: bluish, less sharp, noisier, from further away. */
    static final Acquisition OTHER_DEVICE = new Acquisition(0.88, 0.9, 0.98, 1.08, 1, 6, 0.3);
}
