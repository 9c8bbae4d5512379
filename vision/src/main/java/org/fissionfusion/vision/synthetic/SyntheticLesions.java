package org.fissionfusion.vision.synthetic;

import java.nio.file.Path;
import java.util.Map;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSetWriter;

/**
 * Seeded pictures that look a little like dermoscopy, so that everything can be tried without data: a source task to
 * pretrain on, a related target task with few, imbalanced images, and the target task under another acquisition style.
 */
public final class SyntheticLesions {
    private static final PreparedSetWriter.Origin ORIGIN =
            new PreparedSetWriter.Origin("synthetic lesions of FissionFusion", "CC0-1.0");
    private static final int PATIENTS_PER_FILE = 1_000_000;

    private SyntheticLesions() {}

    /** The files of the two tasks. */
    public record Files(
            Path sourceTrain, Path sourceValidation, Path train, Path validation, Path test, Path outOfDomain) {}

    /** How many images each file gets. */
    public record Sizes(int sourceTrain, int sourceValidation, int train, int validation, int test, int outOfDomain) {
        /** Enough to learn from within minutes on two cores. */
        public static final Sizes QUICKSTART = new Sizes(3000, 400, 1000, 300, 500, 500);
    }

    /** Writes prepared sets of both tasks into {@code directory}; same seed and sizes, same bytes. */
    public static Files write(Path directory, long seed, Sizes sizes) throws PreparationException {
        Files files = new Files(
                directory.resolve("source/train.safetensors"),
                directory.resolve("source/validation.safetensors"),
                directory.resolve("target/train.safetensors"),
                directory.resolve("target/validation.safetensors"),
                directory.resolve("target/test.safetensors"),
                directory.resolve("other-device/test.safetensors"));
        Writer writer = new Writer(seed);
        writer.write(files.sourceTrain(), LesionTask.SOURCE, Acquisition.CLINIC, sizes.sourceTrain());
        writer.write(files.sourceValidation(), LesionTask.SOURCE, Acquisition.CLINIC, sizes.sourceValidation());
        writer.write(files.train(), LesionTask.TARGET, Acquisition.CLINIC, sizes.train());
        writer.write(files.validation(), LesionTask.TARGET, Acquisition.CLINIC, sizes.validation());
        writer.write(files.test(), LesionTask.TARGET, Acquisition.CLINIC, sizes.test());
        writer.write(files.outOfDomain(), LesionTask.TARGET, Acquisition.OTHER_DEVICE, sizes.outOfDomain());
        return files;
    }

    /** Gives every file its own seed and its own patients. */
    private static final class Writer {
        private final long seed;
        private int file;

        Writer(long seed) {
            this.seed = seed;
        }

        void write(Path target, LesionTask task, Acquisition camera, int count) throws PreparationException {
            file++;
            String split = target.getFileName().toString().replace(".safetensors", "");
            PreparedSetWriter.write(
                    target,
                    task.draw(count, camera, seed * 31 + file, file * PATIENTS_PER_FILE),
                    ORIGIN,
                    Map.of("split", split, "seed", Long.toString(seed)));
        }
    }
}
