package org.fissionfusion.core.request;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network whose program is a file of the store. Resolved requests, tasks, scores and checkpoints call it {@code
 * script:SHA256:BYTES} where they call others by name, so that everything that depends on it says so.
 *
 * @param sha256 of the file, lower-case hexadecimal
 * @param bytes of the file
 */
public record ScriptedArchitecture(String sha256, long bytes) {
    /** What a request file says instead of an architecture's name. */
    public static final String WRITTEN = "script";

    /** Where scripts lie in the store. */
    public static final String FOLDER = "scripts";

    /** How their names end. */
    public static final String SUFFIX = ".pt";

    private static final Pattern NAME = Pattern.compile(WRITTEN + ":([0-9a-f]{64}):(\\d{1,12})");

    /** The script of an architecture, if it has one. */
    public static Optional<ScriptedArchitecture> of(String architecture) {
        Matcher matcher = NAME.matcher(architecture);
        return matcher.matches()
                ? Optional.of(new ScriptedArchitecture(matcher.group(1), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    public String name() {
        return WRITTEN + ":" + sha256 + ":" + bytes;
    }

    /** Key of the file in the store. */
    public String key() {
        return FOLDER + "/" + sha256 + SUFFIX;
    }
}
