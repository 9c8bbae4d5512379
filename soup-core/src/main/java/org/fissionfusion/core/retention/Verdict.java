package org.fissionfusion.core.retention;

import java.time.Duration;
import java.util.List;

/** What becomes of one object of the store. */
public enum Verdict {
    /** A served soup or a running experiment needs it. */
    NEEDED,
    /** Younger than the grace age: an event that names it may be on its way. */
    YOUNG,
    /** Computed once, and something runs that may ask for it again. */
    CACHED,
    /** Nothing of ours: it stays. */
    FOREIGN,
    /** Nobody needs it. */
    GARBAGE;

    /** In the order of removal: a score goes before the predictions that it names. */
    private static final List<String> CACHES = List.of("scores/", "recipes/", "predictions/");

    private static final List<String> OTHERS = List.of(
            "outcomes/",
            "state/",
            "optimizers/",
            "checkpoints/",
            "soups/",
            "documents/",
            "weights/",
            "scripts/",
            "data/",
            "sealed/");

    /** Prefixes of what may be removed, in the order of removal. */
    public static List<String> prefixes() {
        return java.util.stream.Stream.concat(CACHES.stream(), OTHERS.stream()).toList();
    }

    /**
     * Decides.
     *
     * @param age of the object, by the clock of the store
     * @param grace younger objects stay
     */
    public static Verdict of(Needed needed, String key, Duration age, Duration grace) {
        if (prefixes().stream().noneMatch(key::startsWith)) {
            return FOREIGN;
        }
        if (needed.covers(key)) {
            return NEEDED;
        }
        if (age.compareTo(grace) < 0) {
            return YOUNG;
        }
        return needed.anythingRuns() && CACHES.stream().anyMatch(key::startsWith) ? CACHED : GARBAGE;
    }
}
