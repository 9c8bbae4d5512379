package org.fissionfusion.vision.images;

import java.nio.file.Path;

/** A picture that was left out, and why. */
public record CorruptPicture(Path file, String reason) {
    @Override
    public String toString() {
        return file + ": " + reason;
    }
}
