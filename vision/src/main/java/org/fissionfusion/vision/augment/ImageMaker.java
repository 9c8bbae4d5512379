package org.fissionfusion.vision.augment;

import java.nio.FloatBuffer;
import org.fissionfusion.vision.images.PreparedSet;

/** Turns stored images into network input: crop, resize, alter, normalise. One per worker; allocates nothing per image. */
final class ImageMaker {
    private final PreparedSet set;
    private final BatchOptions options;
    private final ImageRandom random = new ImageRandom();
    private final CropWindow window = new CropWindow();
    private final CropResize resize;
    private final Raster raster;
    private final ColourJitter jitter;
    private final RandAugment randAugment;
    private final float[][] levels;
    private final float[] plane;

    ImageMaker(PreparedSet set, BatchOptions options) {
        this.set = set;
        this.options = options;
        this.resize = new CropResize(set.shape(), options.imageSize());
        this.raster = new Raster(options.imageSize(), set.channels());
        Tones tones = new Tones();
        this.jitter = new ColourJitter(tones);
        this.randAugment = new RandAugment(tones);
        this.levels = levels(options.normalisation());
        this.plane = new float[raster.area()];
    }

    private static float[][] levels(Normalisation normalisation) {
        float[][] levels = new float[3][256];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 256; i++) {
                levels[c][i] = (i / 255f - normalisation.mean().get(c))
                        / normalisation.deviation().get(c);
            }
        }
        return levels;
    }

    /** Writes image {@code index} as it looks in this epoch as 3 x S x S floats from {@code offset} on. */
    void make(int epoch, int index, FloatBuffer target, int offset) {
        random.restart(options.seed(), epoch, index);
        chooseWindow();
        resize.apply(set.pixels(), (long) index * set.shape().bytes(), window, raster);
        alter();
        for (int c = 0; c < 3; c++) {
            byte[] pixels = raster.pixels();
            int from = raster.planes() == 1 ? 0 : c * plane.length;
            float[] level = levels[c];
            for (int i = 0; i < plane.length; i++) {
                plane[i] = level[pixels[from + i] & 0xff];
            }
            target.put(offset + c * plane.length, plane, 0, plane.length);
        }
    }

    private void chooseWindow() {
        int width = set.width();
        int height = set.height();
        switch (options.augmentation()) {
            case NONE -> window.whole(width, height);
            case MINIMAL -> window.choose(random, width, height, 0.9, 1.0);
            case MEDIUM -> window.choose(random, width, height, 0.08, 1.0);
            case HEAVY -> window.choose(random, width, height, 0.7, 1.2);
        }
    }

    private void alter() {
        switch (options.augmentation()) {
            case NONE, MINIMAL -> {}
            case MEDIUM -> {
                if (random.nextBoolean()) {
                    raster.flipHorizontally();
                }
                jitter.apply(raster, random);
            }
            case HEAVY -> randAugment.apply(raster, random);
        }
    }
}
