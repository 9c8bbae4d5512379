package org.fissionfusion.vision.images;

import java.util.Arrays;
import java.util.Locale;

/** How a picture of any shape becomes a square. */
public enum SquareFit {
    /** The whole picture, its ratio given up. */
    SQUASH,
    /** The central square of the short side. */
    SHORT_SIDE,
    /** The whole picture between black bars. */
    LETTERBOX;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static SquareFit named(String wireName) {
        return Arrays.stream(values())
                .filter(fit -> fit.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "fit '%s' is none of squash, short-side, letterbox".formatted(wireName)));
    }
}
