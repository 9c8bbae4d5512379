package org.fissionfusion.vision.images;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bands of twenty years, so that subgroups are large enough to score. */
final class AgeBand {
    /** Years, or DICOM's age string: three digits and D, W, M or Y. */
    private static final Pattern AGE = Pattern.compile("(\\d{1,3})(?:\\.\\d+)?([DWMY]?)");

    private static final int OLDEST = 120;

    private AgeBand() {}

    /** {@code 0-19} to {@code 60-79} and {@code 80+}; empty for what is no age. */
    static Optional<String> of(String text) {
        Matcher age = AGE.matcher(text.strip());
        if (!age.matches()) {
            return Optional.empty();
        }
        int years = age.group(2).isEmpty() || age.group(2).equals("Y") ? Integer.parseInt(age.group(1)) : 0;
        if (years > OLDEST) {
            return Optional.empty(); // some sets write impossible ages for unknown ones
        }
        int from = years / 20 * 20;
        return Optional.of(years >= 80 ? "80+" : from + "-" + (from + 19));
    }
}
