package org.fissionfusion.vision.images;

import java.util.Locale;

/** PIL's filters of an antialiased resize. */
public enum ResizeFilter {
    /** A triangle: what torchvision's models are evaluated with. */
    BILINEAR(1),
    /** Keys' cubic with a = -0.5: what timm's are evaluated with. */
    BICUBIC(2);

    private final int support;

    ResizeFilter(int support) {
        this.support = support;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Beyond this distance every weight is zero. */
    int support() {
        return support;
    }

    /** @param distance from the centre, in output pixels when the image becomes smaller, else in input pixels */
    double weight(double distance) {
        double x = Math.abs(distance);
        return switch (this) {
            case BILINEAR -> x < 1 ? 1 - x : 0;
            case BICUBIC -> cubic(x);
        };
    }

    private static double cubic(double x) {
        if (x < 1) {
            return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    }
}
