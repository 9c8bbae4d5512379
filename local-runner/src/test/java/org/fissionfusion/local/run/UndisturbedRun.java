package org.fissionfusion.local.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;

/** What the tiny experiment makes when nothing happens to it; run once for all tests that disturb it. */
final class UndisturbedRun {
    private static SortedMap<String, String> soups;

    private UndisturbedRun() {}

    /** Ids and digests of its soups. */
    static synchronized SortedMap<String, String> soups() throws Exception {
        if (soups == null) {
            Path folder = Files.createTempDirectory("undisturbed-");
            int code = TinyExperiment.run(folder, TinyExperiment.prepare(folder));
            if (code != 0) {
                throw new IllegalStateException("the undisturbed run ended with " + code + ", see " + folder);
            }
            soups = RunProcess.soups(folder);
            remove(folder);
        }
        return soups;
    }

    static void remove(Path folder) throws Exception {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
