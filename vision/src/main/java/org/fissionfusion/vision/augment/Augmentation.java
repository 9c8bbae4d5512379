package org.fissionfusion.vision.augment;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How strongly training images are altered. The names are part of the request format. */
public enum Augmentation {
    /** Antialiased resize only: evaluation. */
    NONE,
    /** Random crop of 90 to 100 % of the area. */
    MINIMAL,
    /** Random crop of 8 to 100 % of the area, flip, colour jitter: timm's default. */
    MEDIUM,
    /** Random crop of 70 to 120 % of the area and RandAugment of two operations. */
    HEAVY;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Augmentation named(String wireName) {
        return Arrays.stream(values())
                .filter(a -> a.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("augmentation '%s' is none of %s"
                        .formatted(
                                wireName,
                                Arrays.stream(values())
                                        .map(Augmentation::wireName)
                                        .collect(Collectors.joining(", ")))));
    }
}
