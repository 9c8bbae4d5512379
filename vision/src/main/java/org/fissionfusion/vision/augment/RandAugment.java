package org.fissionfusion.vision.augment;

/** torchvision's RandAugment with two operations at magnitude 15 of 0 to 30: half of every maximum. */
final class RandAugment {
    /** The strongest magnitude; torchvision counts 31 of them. */
    static final int STRONGEST = 30;

    private static final int OPERATIONS = 2;
    private static final int MAGNITUDE = 15;

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

        /**
         * How strongly an image is altered: a slope, pixels, degrees, what is added to the factor 1, bits that are kept, or
         * the level from which on all are inverted.
         *
         * @param step from 0 to {@link #STRONGEST}
         * @param side of the image
         */
        double magnitude(int step, int side) {
            double share = (double) step / STRONGEST;
            return switch (this) {
                case SHEAR_X, SHEAR_Y -> 0.3 * share;
                // one division, so that whole pixels come out whole
                case TRANSLATE_X, TRANSLATE_Y -> 150.0 * side * step / (331.0 * STRONGEST);
                case ROTATE -> 30 * share;
                case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> 0.9 * share;
                case POSTERIZE -> 8 - Math.rint(4 * share);
                case SOLARIZE -> 255 - 8.5 * step;
                case IDENTITY, AUTO_CONTRAST, EQUALIZE -> 0;
            };
        }
    }

    private final Tones tones;

    RandAugment(Tones tones) {
        this.tones = tones;
    }

    void apply(Raster raster, ImageRandom random) {
        for (int i = 0; i < OPERATIONS; i++) {
            Operation operation = Operation.drawn(random);
            apply(operation, operation.drawnSign(random) * operation.magnitude(MAGNITUDE, raster.size()), raster);
        }
    }

    /** One operation; the magnitude has a sign where the operation has a direction. */
    void apply(Operation operation, double magnitude, Raster raster) {
        switch (operation) {
            case IDENTITY -> {}
            case SHEAR_X -> Warp.shearX(raster, magnitude);
            case SHEAR_Y -> Warp.shearY(raster, magnitude);
            case TRANSLATE_X -> Warp.translate(raster, (int) magnitude, 0);
            case TRANSLATE_Y -> Warp.translate(raster, 0, (int) magnitude);
            case ROTATE -> Warp.rotate(raster, magnitude);
            case BRIGHTNESS -> tones.brightness(raster, 1 + magnitude);
            case COLOR -> tones.colour(raster, 1 + magnitude);
            case CONTRAST -> tones.contrast(raster, 1 + magnitude);
            case SHARPNESS -> tones.sharpness(raster, 1 + magnitude);
            case POSTERIZE -> tones.posterize(raster, (int) magnitude);
            case SOLARIZE -> tones.solarize(raster, magnitude);
            case AUTO_CONTRAST -> tones.autoContrast(raster);
            case EQUALIZE -> tones.equalize(raster);
        }
    }
}
