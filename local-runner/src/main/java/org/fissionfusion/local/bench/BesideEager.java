package org.fissionfusion.local.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.training.StepBench;

/**
 * Training steps or scored batches of this engine and, in turns, of PyTorch eager as it is by default: float32,
 * contiguous.
 *
 * <p>The engine's number of threads is fixed for a process: every number gets its own.
 *
 * @param python one with PyTorch, or empty to measure this engine alone
 */
record BesideEager(Bench.Steps steps, Optional<Path> python) {
    private static final String EAGER = "eager_step.py";
    /** From this size on convolutions and products are most of the time, and no excuse. */
    private static final int LARGE = 224;

    /** What both sides do. */
    enum Work {
        TRAIN("training step"),
        SCORE("scoring");

        private final String title;

        Work(String title) {
            this.title = title;
        }
    }

    List<Figure> measure(Work work, int threads, Path folder) throws IOException {
        String architecture = steps.architecture();
        int batch = steps.batch();
        int rounds = steps.rounds();
        int side = Architecture.named(architecture).usualImageSize();
        Computation computation =
                work == Work.SCORE ? Computation.PAPER : new Computation(steps.precision(), steps.memoryFormat(), 0, 0);
        String[] arguments = {
            work.name().toLowerCase(Locale.ROOT),
            architecture,
            Integer.toString(batch),
            Integer.toString(threads),
            Integer.toString(steps.count()),
            Integer.toString(side),
            computation.precision().name(),
            computation.memoryFormat().name()
        };
        String name = "%s, %s, %d², batch %d, %d thread%s, %s, %s"
                .formatted(
                        work.title,
                        architecture,
                        side,
                        batch,
                        threads,
                        threads == 1 ? "" : "s",
                        computation.precision().wireName(),
                        computation.memoryFormat().wireName());
        List<Figure> figures = new ArrayList<>();
        try (TimedProcess own = TimedProcess.java(StepBench.class, threads, arguments)) {
            if (python.isEmpty()) {
                for (int i = 0; i < rounds; i++) {
                    own.round();
                }
                speed(figures, name, own);
                return figures;
            }
            try (TimedProcess eager = TimedProcess.python(python.get(), folder, EAGER, threads, arguments)) {
                for (int i = 0; i < rounds; i++) {
                    own.round();
                    eager.round();
                }
                speed(figures, name, own);
                figures.add(Figure.of("  PyTorch eager, taking turns", eager.medianMillis(), "ms"));
                figures.add(Figure.of("  as fast as PyTorch eager", eager.medianMillis() / own.medianMillis(), "times")
                        .atLeast(side >= LARGE ? 1.1 : 1));
                figures.add(Figure.of(
                        "  the same by processor time",
                        eager.medianProcessorMillis() / own.medianProcessorMillis(),
                        "times"));
            }
        }
        return figures;
    }

    private void speed(List<Figure> figures, String name, TimedProcess own) {
        figures.add(Figure.of(name, own.medianMillis(), "ms"));
        figures.add(Figure.of("  in images", steps.batch() / own.medianMillis() * 1e3, "images/s"));
        figures.addAll(ResidentSize.figure("  largest resident size", own.peakKilobytes()));
    }
}
