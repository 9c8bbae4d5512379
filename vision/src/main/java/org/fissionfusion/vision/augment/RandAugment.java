package org.fissionfusion.vision.augment;

/** torchvision's RandAugment with two operations at magnitude index 15 of 31: half of every maximum. */
final class RandAugment {
    private static final int OPERATIONS = 2;
    private static final double SHEAR = 0.15;
    private static final double TRANSLATE_SHARE = 150.0 / 331.0 / 2;
    private static final double ROTATE_DEGREES = 15;
    private static final double ENHANCE = 0.45;
    private static final int POSTERIZE_BITS = 6;
    private static final double SOLARIZE_THRESHOLD = 127.5;

    /** The fourteen operations in torchvision's order. */
    enum Operation {
        IDENTITY(false),
        SHEAR_X(true),
        SHEAR_Y(true),
        TRANSLATE_X(true),
        TRANSLATE_Y(true),
        ROTATE(true),
        BRIGHTNESS(true),
        COLOR(true),
        CONTRAST(true),
        SHARPNESS(true),
        POSTERIZE(false),
        SOLARIZE(false),
        AUTO_CONTRAST(false),
        EQUALIZE(false);

        private static final Operation[] ALL = values();
        private final boolean signed;

        Operation(boolean signed) {
            this.signed = signed;
        }

        /** Any of them, equally often. */
        static Operation drawn(ImageRandom random) {
            return ALL[random.nextInt(ALL.length)];
        }

        /** 1, or equally often -1 where the operation has a direction. */
        int drawnSign(ImageRandom random) {
            return signed && random.nextBoolean() ? -1 : 1;
        }
    }

    private final Tones tones;

    RandAugment(Tones tones) {
        this.tones = tones;
    }

    void apply(Raster raster, ImageRandom random) {
        for (int i = 0; i < OPERATIONS; i++) {
            Operation operation = Operation.drawn(random);
            apply(operation, operation.drawnSign(random), raster);
        }
    }

    /** One operation; {@code sign} is 1 or -1 and counts only where the operation has a direction. */
    void apply(Operation operation, int sign, Raster raster) {
        int shift = sign * (int) (TRANSLATE_SHARE * raster.size());
        double factor = 1 + sign * ENHANCE;
        switch (operation) {
            case IDENTITY -> {}
            case SHEAR_X -> Warp.shearX(raster, sign * SHEAR);
            case SHEAR_Y -> Warp.shearY(raster, sign * SHEAR);
            case TRANSLATE_X -> Warp.translate(raster, shift, 0);
            case TRANSLATE_Y -> Warp.translate(raster, 0, shift);
            case ROTATE -> Warp.rotate(raster, sign * ROTATE_DEGREES);
            case BRIGHTNESS -> tones.brightness(raster, factor);
            case COLOR -> tones.colour(raster, factor);
            case CONTRAST -> tones.contrast(raster, factor);
            case SHARPNESS -> tones.sharpness(raster, factor);
            case POSTERIZE -> tones.posterize(raster, POSTERIZE_BITS);
            case SOLARIZE -> tones.solarize(raster, SOLARIZE_THRESHOLD);
            case AUTO_CONTRAST -> tones.autoContrast(raster);
            case EQUALIZE -> tones.equalize(raster);
        }
    }
}
