package org.fissionfusion.vision.synthetic;

import java.nio.file.Path;
import org.fissionfusion.vision.images.PreparationException;

/** Seeded pictures that look like dermoscopy, so that everything can be tried without data. */
public final class SyntheticLesions {
    private SyntheticLesions() {}

    /** The files of the two tasks. */
    public record Files(
            Path sourceTrain, Path sourceValidation, Path train, Path validation, Path test, Path outOfDomain) {}

    /** How many images each file gets. */
    public record Sizes(int sourceTrain, int sourceValidation, int train, int validation, int test, int outOfDomain) {
        /** Enough to learn from within minutes on two cores. */
        public static final Sizes QUICKSTART = new Sizes(4000, 600, 1600, 400, 600, 600);
    }

    /** Writes prepared sets of both tasks into {@code directory}; same seed and sizes, same bytes. */
    public static Files write(Path directory, long seed, Sizes sizes) throws PreparationException {
        throw new PreparationException(directory + ": not writable yet");
    }
}
