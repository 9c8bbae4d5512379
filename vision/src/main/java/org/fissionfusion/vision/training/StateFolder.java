package org.fissionfusion.vision.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a run writes its files; one run at a time. */
public record StateFolder(Path path) {
    /** Makes the folder if there is none. */
    public static StateFolder at(Path path) throws IOException {
        Files.createDirectories(path);
        return new StateFolder(path);
    }

    Path state(int epoch) {
        return path.resolve("state-epoch-" + epoch + ".safetensors");
    }

    Path weights(int cycle) {
        return path.resolve("weights-cycle-" + cycle + ".safetensors");
    }

    Path optimizer(int cycle) {
        return path.resolve("optimizer-cycle-" + cycle + ".safetensors");
    }
}
