package org.fissionfusion.vision.synthetic;

import java.util.SplittableRandom;

/** Draws one lesion on skin, 32 x 32 RGB, from a stream of random numbers. */
final class LesionPainter {
    static final int SIZE = 32;
    private static final int OVERSAMPLING = 2;
    private static final int WAVES = 6;
    private static final double[] SKIN = {222, 178, 152};
    private static final double[] RED = {176, 62, 66};
    private static final double[] LIGHT = {168, 112, 76};
    private static final double[] DARK = {92, 56, 40};
    private static final double[] BLUE = {52, 52, 74};

    private final SplittableRandom random;
    private final Look look;
    private final Acquisition camera;
    private final double[] amplitude = new double[WAVES];
    private final double[] phase = new double[WAVES];
    private final double centreX;
    private final double centreY;
    private final double angle;
    private final double netPhase;
    private final double patchAngle;
    private final double[] skin = new double[3];
    private final double[][] dots;

    LesionPainter(Look look, Acquisition camera, SplittableRandom random) {
        this.random = random;
        this.look = look;
        this.camera = camera;
        this.centreX = 0.5 + 0.06 * random.nextGaussian();
        this.centreY = 0.5 + 0.06 * random.nextGaussian();
        this.angle = random.nextDouble(Math.TAU);
        this.netPhase = random.nextDouble(Math.TAU);
        this.patchAngle = random.nextDouble(Math.TAU);
        for (int w = 0; w < WAVES; w++) {
            amplitude[w] = random.nextGaussian() * 0.16 * look.border() / Math.sqrt(1 + w * 0.5);
            phase[w] = random.nextDouble(Math.TAU);
        }
        double tone = 1 + 0.06 * random.nextGaussian();
        for (int c = 0; c < 3; c++) {
            skin[c] = SKIN[c] * tone + 4 * random.nextGaussian();
        }
        this.dots = new double[10][2];
        for (double[] dot : dots) {
            dot[0] = random.nextDouble(-1, 1);
            dot[1] = random.nextDouble(-1, 1);
        }
    }

    /** The picture, 32 x 32 x 3 bytes. */
    byte[] paint() {
        double[] picture = new double[SIZE * SIZE * 3];
        double step = 1.0 / (SIZE * OVERSAMPLING);
        double share = 1.0 / (OVERSAMPLING * OVERSAMPLING);
        double[] colour = new double[3];
        for (int y = 0; y < SIZE * OVERSAMPLING; y++) {
            for (int x = 0; x < SIZE * OVERSAMPLING; x++) {
                shade((x + 0.5) * step, (y + 0.5) * step, colour);
                int at = (y / OVERSAMPLING * SIZE + x / OVERSAMPLING) * 3;
                for (int c = 0; c < 3; c++) {
                    picture[at + c] += colour[c] * share;
                }
            }
        }
        hairs(picture);
        for (int pass = 0; pass < camera.blur(); pass++) {
            picture = blurred(picture);
        }
        return developed(picture);
    }

    private void shade(double x, double y, double[] colour) {
        double dx = (x - centreX) / camera.zoom();
        double dy = (y - centreY) / camera.zoom();
        double u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / Math.sqrt(look.elongation());
        double v = (-dx * Math.sin(angle) + dy * Math.cos(angle)) * Math.sqrt(look.elongation());
        double distance = Math.hypot(u, v);
        double direction = Math.atan2(v, u);
        double outline = 1 + 0.3 * look.asymmetry() * Math.cos(direction);
        for (int w = 0; w < WAVES; w++) {
            outline += amplitude[w] * Math.cos((w + 2) * direction + phase[w]);
        }
        double inside = (look.radius() * Math.max(0.3, outline) - distance) / 0.03;
        double cover = 1 / (1 + Math.exp(-inside * (1.6 - look.border() * 0.6)));
        double patch = Math.sin(7 * u + netPhase) * Math.cos(6 * v + patchAngle);
        double position = look.colour() + 0.55 * look.variegation() * patch;
        double texture = 1 - 0.3 * look.network() * net(u, v) - 0.45 * look.globules() * globule(u, v);
        for (int c = 0; c < 3; c++) {
            double lesion = pigment(position, c) * texture;
            colour[c] = skin[c] + cover * (lesion - skin[c]);
        }
    }

    private double net(double u, double v) {
        double lines = Math.max(Math.abs(Math.sin(34 * u + netPhase)), Math.abs(Math.sin(34 * v + patchAngle)));
        return lines * lines * lines;
    }

    private double globule(double u, double v) {
        double strongest = 0;
        for (double[] dot : dots) {
            double distance = Math.hypot(u - dot[0] * look.radius(), v - dot[1] * look.radius());
            strongest = Math.max(strongest, Math.exp(-distance * distance / (2 * 0.022 * 0.022)));
        }
        return strongest;
    }

    private static double pigment(double position, int channel) {
        double p = Math.clamp(position, -1, 1);
        if (p < 0) {
            return LIGHT[channel] + -p * (RED[channel] - LIGHT[channel]);
        }
        return p < 0.5
                ? LIGHT[channel] + 2 * p * (DARK[channel] - LIGHT[channel])
                : DARK[channel] + (2 * p - 1) * (BLUE[channel] - DARK[channel]);
    }

    /** Dark hairs across about a third of the pictures: they mean nothing. */
    private void hairs(double[] picture) {
        int count = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
        for (int h = 0; h < count; h++) {
            double x = random.nextDouble(SIZE);
            double slope = random.nextDouble(-0.6, 0.6);
            double bend = 0.01 * random.nextGaussian();
            for (int y = 0; y < SIZE; y++) {
                int column = (int) Math.floor(x + slope * y + bend * y * y);
                if (column >= 0 && column < SIZE) {
                    for (int c = 0; c < 3; c++) {
                        picture[(y * SIZE + column) * 3 + c] *= 0.55;
                    }
                }
            }
        }
    }

    private static double[] blurred(double[] picture) {
        double[] result = new double[picture.length];
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                for (int c = 0; c < 3; c++) {
                    double sum = 0;
                    for (int k = 0; k < 9; k++) {
                        int row = Math.clamp(y + k / 3 - 1, 0, SIZE - 1);
                        int column = Math.clamp(x + k % 3 - 1, 0, SIZE - 1);
                        sum += picture[(row * SIZE + column) * 3 + c];
                    }
                    result[(y * SIZE + x) * 3 + c] = sum / 9;
                }
            }
        }
        return result;
    }

    private byte[] developed(double[] picture) {
        double[] gain = {camera.red(), camera.green(), camera.blue()};
        double exposure = 1 + 0.05 * random.nextGaussian();
        byte[] bytes = new byte[picture.length];
        for (int i = 0; i < bytes.length; i++) {
            int pixel = i / 3;
            int row = pixel / SIZE;
            double x = (pixel % SIZE + 0.5) / SIZE - 0.5;
            double y = (row + 0.5) / SIZE - 0.5;
            double light = exposure * (1 - camera.vignette() * 2 * (x * x + y * y));
            double value = picture[i] * gain[i % 3] * light + camera.noise() * random.nextGaussian();
            bytes[i] = (byte) Math.clamp(Math.round(value), 0, 255);
        }
        return bytes;
    }
}
