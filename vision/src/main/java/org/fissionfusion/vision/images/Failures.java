package org.fissionfusion.vision.images;

import java.nio.file.NoSuchFileException;

/** What to tell a user about an exception. */
final class Failures {
    private Failures() {}

    static String reason(Throwable e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
