package org.fissionfusion.vision.augment;

/** torchvision's ColorJitter(0.4, 0.4, 0.4): brightness, contrast and saturation by 0.6 to 1.4 in random order. */
final class ColourJitter {
    private static final double LOW = 0.6;
    private static final double HIGH = 1.4;
    private final Tones tones;
    private final int[] order = new int[3];
    private final double[] factors = new double[3];

    ColourJitter(Tones tones) {
        this.tones = tones;
    }

    void apply(Raster raster, ImageRandom random) {
        draw(random, order, factors);
        apply(raster, order, factors);
    }

    /**
     * Draws the order of brightness (0), contrast (1) and saturation (2), and a factor for each.
     *
     * @param factors in the order of their numbers
     */
    static void draw(ImageRandom random, int[] order, double[] factors) {
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.uniform(LOW, HIGH);
        }
    }

    void apply(Raster raster, int[] steps, double[] by) {
        for (int step : steps) {
            switch (step) {
                case 0 -> tones.brightness(raster, by[step]);
                case 1 -> tones.contrast(raster, by[step]);
                default -> tones.colour(raster, by[step]);
            }
        }
    }
}
