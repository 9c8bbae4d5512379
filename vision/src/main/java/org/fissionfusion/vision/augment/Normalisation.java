package org.fissionfusion.vision.augment;

import java.util.List;

/** Per channel (R, G, B): value = (grey / 255 - mean) / deviation. */
public record Normalisation(List<Float> mean, List<Float> deviation) {
    /** What torchvision's and timm's pretrained models expect. */
    public static final Normalisation IMAGENET =
            new Normalisation(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    public Normalisation {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.size() != 3 || deviation.size() != 3) {
            throw new IllegalArgumentException("mean and deviation need three channels: " + mean + ", " + deviation);
        }
        if (deviation.stream().anyMatch(d -> !(d > 0))) {
            throw new IllegalArgumentException("deviation must be positive: " + deviation);
        }
    }
}
