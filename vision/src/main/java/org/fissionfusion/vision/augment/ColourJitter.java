package org.fissionfusion.vision.augment;

/** torchvision's ColorJitter(0.4, 0.4, 0.4): brightness, contrast and saturation by 0.6 to 1.4 in random order. */
final class ColourJitter {
    private static final double LOW = 0.6;
    private static final double HIGH = 1.4;
    private final Tones tones;
    private final int[] order = new int[3];

    ColourJitter(Tones tones) {
        this.tones = tones;
    }

    void apply(Raster raster, ImageRandom random) {
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        double brightness = random.uniform(LOW, HIGH);
        double contrast = random.uniform(LOW, HIGH);
        double saturation = random.uniform(LOW, HIGH);
        for (int step : order) {
            switch (step) {
                case 0 -> tones.brightness(raster, brightness);
                case 1 -> tones.contrast(raster, contrast);
                default -> tones.colour(raster, saturation);
            }
        }
    }
}
