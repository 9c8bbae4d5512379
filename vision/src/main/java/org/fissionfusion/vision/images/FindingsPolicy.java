package org.fissionfusion.vision.images;

import java.util.List;
import org.fissionfusion.core.metric.Predictions;

/** What is made of findings that a report does not decide. */
public record FindingsPolicy(Uncertain uncertain, Blank blank) {

    /** For findings that the report neither states nor denies. */
    public enum Uncertain {
        IGNORE,
        ZEROS,
        ONES
    }

    /** For findings that it does not mention. */
    public enum Blank {
        IGNORE,
        ZEROS
    }

    /**
     * The policy of these names.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static FindingsPolicy named(String uncertain, String blank) {
        return new FindingsPolicy(
                known("findings.uncertain", Uncertain.values(), uncertain),
                known("findings.blank", Blank.values(), blank));
    }

    private static <E extends Enum<E>> E known(String key, E[] values, String name) {
        for (E value : values) {
            if (value.name().equals(name)) {
                return value;
            }
        }
        throw new IllegalArgumentException(key + ": " + name + " is unknown; allowed are " + List.of(values));
    }

    /** N x T, image after image: 1 present, 0 absent, {@link Predictions#UNKNOWN} where nothing is to be said. */
    public int[] decided(Labels.Findings findings) {
        int[] decided = new int[findings.values().length];
        for (int i = 0; i < decided.length; i++) {
            decided[i] = decided(findings.values()[i]);
        }
        return decided;
    }

    private int decided(byte value) {
        return switch (value) {
            case Labels.Findings.UNCERTAIN ->
                switch (uncertain) {
                    case IGNORE -> Predictions.UNKNOWN;
                    case ZEROS -> 0;
                    case ONES -> 1;
                };
            case Labels.Findings.BLANK ->
                switch (blank) {
                    case IGNORE -> Predictions.UNKNOWN;
                    case ZEROS -> 0;
                };
            default -> value;
        };
    }
}
