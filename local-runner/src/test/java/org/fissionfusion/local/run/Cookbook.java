package org.fissionfusion.local.run;

import java.nio.file.Files;
import java.nio.file.Path;

/** Requests for tests of other packages. */
public final class Cookbook {
    private Cookbook() {}

    /** Makes what the tiny experiment needs in the folder and returns its request. */
    public static Path request(Path folder) throws Exception {
        return TinyExperiment.prepare(Files.createDirectories(folder));
    }
}
