package org.fissionfusion.local.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.fissionfusion.core.request.Refinements;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;
import org.fissionfusion.vision.training.StepBench;

/**
 * Training steps or scored batches of this engine and, in turns, of PyTorch eager as it is by default (float32,
 * contiguous), and of this engine in float32 where it is measured in another precision. Each precision has the memory
 * format of a request that leaves it open, if none is given for all.
 *
 * <p>The engine's number of threads is fixed for a process: every number gets its own.
 *
 * @param python one with PyTorch, or empty to leave PyTorch out
 */
record TakingTurns(Bench.Steps steps, Optional<Path> python) {
    private static final String EAGER = "eager_step.py";
    /** From this size on convolutions and products are most of the time, and no excuse. */
    private static final int LARGE = 224;

    private static final double BF16_GOAL = 1.5;

    /** What all sides do. */
    enum Work {
        TRAIN("training step"),
        SCORE("scoring");

        private final String title;

        Work(String title) {
            this.title = title;
        }
    }

    /**
     * One to be faster than.
     *
     * @param goal how many times, where that is asked
     */
    private record Rival(String title, TimedProcess process, Optional<Double> goal) {
        List<Figure> figures(TimedProcess own) {
            Figure ratio = Figure.of("  as fast as " + title, process.medianMillis() / own.medianMillis(), "times");
            return List.of(
                    Figure.of("  " + title + ", taking turns", process.medianMillis(), "ms"),
                    goal.map(ratio::atLeast).orElse(ratio),
                    Figure.of(
                            "  the same by processor time",
                            process.medianProcessorMillis() / own.medianProcessorMillis(),
                            "times"));
        }
    }

    List<Figure> measure(Work work, int threads, Path folder) throws IOException {
        Computation computation = work == Work.SCORE ? Computation.scoring() : training(steps.precision());
        List<Rival> rivals = new ArrayList<>();
        try (TimedProcess own = TimedProcess.java(StepBench.class, threads, arguments(work, threads, computation))) {
            if (python.isPresent()) {
                double goal = side() >= LARGE ? 1.1 : 1;
                rivals.add(new Rival(
                        "PyTorch eager",
                        TimedProcess.python(
                                python.get(), folder, EAGER, threads, arguments(work, threads, Computation.PAPER)),
                        Optional.of(goal)));
            }
            if (computation.precision() == Precision.BF16) {
                Computation wide = training(Precision.FP32);
                rivals.add(new Rival(
                        "this in fp32, " + wide.memoryFormat().wireName(),
                        TimedProcess.java(StepBench.class, threads, arguments(work, threads, wide)),
                        Optional.of(BF16_GOAL).filter(_ -> hasBfloat16())));
            }
            for (int i = 0; i < steps.rounds(); i++) {
                own.round();
                for (Rival rival : rivals) {
                    rival.process().round();
                }
            }
            List<Figure> figures = new ArrayList<>(speed(title(work, threads, computation), own));
            rivals.forEach(rival -> figures.addAll(rival.figures(own)));
            return figures;
        } finally {
            for (Rival rival : rivals) {
                rival.process().close();
            }
        }
    }

    private Computation training(Precision precision) {
        return new Computation(precision, steps.memoryFormat().orElseGet(() -> usualFormat(precision)), 0, 0);
    }

    private static MemoryFormat usualFormat(Precision precision) {
        Refinements.Precision asked = Refinements.Precision.valueOf(precision.name());
        return MemoryFormat.valueOf(Refinements.MemoryFormat.usual(asked).name());
    }

    private int side() {
        return Architecture.named(steps.architecture()).usualImageSize();
    }

    private String[] arguments(Work work, int threads, Computation computation) {
        return new String[] {
            work.name().toLowerCase(Locale.ROOT),
            steps.architecture(),
            Integer.toString(steps.batch()),
            Integer.toString(threads),
            Integer.toString(steps.count()),
            Integer.toString(side()),
            computation.precision().name(),
            computation.memoryFormat().name()
        };
    }

    private String title(Work work, int threads, Computation computation) {
        int side = side();
        return "%s, %s, %dx%d, batch %d, %d thread%s, %s, %s"
                .formatted(
                        work.title,
                        steps.architecture(),
                        side,
                        side,
                        steps.batch(),
                        threads,
                        threads == 1 ? "" : "s",
                        computation.precision().wireName(),
                        computation.memoryFormat().wireName());
    }

    private List<Figure> speed(String name, TimedProcess own) {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(name, own.medianMillis(), "ms"));
        figures.add(Figure.of("  in images", steps.batch() / own.medianMillis() * 1e3, "images/s"));
        figures.addAll(ResidentSize.figure("  largest resident size", own.peakKilobytes()));
        return figures;
    }

    /** Whether the processor multiplies bfloat16, as Linux tells. */
    private static boolean hasBfloat16() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo"))
                    .lines()
                    .anyMatch(line -> line.startsWith("flags") && line.matches(".* (avx512_bf16|amx_bf16)( .*|$)"));
        } catch (IOException e) {
            return false; // this is no Linux
        }
    }
}
