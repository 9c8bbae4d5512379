package org.fissionfusion.local.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;

/** Requests for tests of other packages. */
public final class Cookbook {
    private Cookbook() {}

    /** Makes what the tiny experiment needs in the folder and returns its request. */
    public static Path request(Path folder) throws Exception {
        return TinyExperiment.prepare(Files.createDirectories(folder));
    }

    /** Ids and digests of the tiny experiment's soups, from a run in one process to which nothing happens. */
    public static SortedMap<String, String> soups() throws Exception {
        return UndisturbedRun.soups();
    }

    /** Ids and digests of the soups that the results of this folder list. */
    public static SortedMap<String, String> soups(Path out) throws IOException {
        return RunProcess.soups(out);
    }
}
