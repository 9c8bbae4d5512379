package org.fissionfusion.vision.model;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real weights that lie beside a checkout on some machines. */
public final class SharedFiles {
    private SharedFiles() {}

    /** The file, or the test is skipped. */
    public static Path weights(String name) {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("shared/data/weights/" + name))) {
            folder = folder.getParent();
        }
        assumeTrue(folder != null, "skipped: no ../shared/data/weights/" + name);
        return folder.resolve("shared/data/weights/" + name);
    }
}
