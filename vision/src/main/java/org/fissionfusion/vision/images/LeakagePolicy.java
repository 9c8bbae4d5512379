package org.fissionfusion.vision.images;

import java.util.Arrays;
import java.util.Locale;

/** What happens when the same picture, or the same patient, is in several splits. The names are part of the request. */
public enum LeakagePolicy {
    /** Refuse the data. */
    ERROR,
    /** Take the images out of the earlier split, so that what is reported on stays whole. */
    DROP,
    /** Go on, and say so with every result. */
    ALLOW;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static LeakagePolicy named(String wireName) {
        return Arrays.stream(values())
                .filter(policy -> policy.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("leakage '%s' is none of error, drop, allow".formatted(wireName)));
    }
}
