package org.fissionfusion.vision.images;

import java.util.Locale;
import java.util.Optional;

/** The parts of a domain, in the order in which they are used. */
public enum Split {
    TRAIN("train"),
    VALIDATION("val"),
    TEST("test");

    private final String prefix;

    Split(String prefix) {
        this.prefix = prefix;
    }

    /** {@code train}, {@code validation} or {@code test}: the name of the prepared file. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What MedMNIST's array names begin with. */
    String arrayPrefix() {
        return prefix;
    }

    /** Understands {@code train}, {@code training}, {@code val}, {@code valid}, {@code validate}, {@code
     * validation}, {@code test}. */
    static Optional<Split> named(String name) {
        return switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "train", "training" -> Optional.of(TRAIN);
            case "val", "valid", "validate", "validation" -> Optional.of(VALIDATION);
            case "test" -> Optional.of(TEST);
            default -> Optional.empty();
        };
    }

    /** {@link #named}, or an error that begins with the place of the name. */
    static Split required(String place, String name) throws PreparationException {
        return named(name)
                .orElseThrow(() -> new PreparationException(
                        "%s: split '%s' is none of train, validation, test".formatted(place, name)));
    }
}
