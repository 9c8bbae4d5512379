package org.fissionfusion.local.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;

/**
 * Everything that can be measured, section by section.
 *
 * @param python one with PyTorch to compare with
 */
public record Bench(Steps steps, Sizes sizes, Optional<Path> python) {

    /** What belongs together. */
    public enum Section {
        STEP,
        SCORING,
        INPUT,
        WAIT,
        FILES,
        SOUPER,
        QUEUE,
        TIMES,
        RUN
    }

    /**
     * Steps of the network.
     *
     * @param threads each number is measured
     * @param count of one turn
     * @param rounds turns of each side
     * @param precision of training steps, as their memory format; scoring has one of each
     */
    public record Steps(
            String architecture,
            int batch,
            List<Integer> threads,
            int count,
            int rounds,
            Precision precision,
            Optional<MemoryFormat> memoryFormat) {}

    /**
     * How big the other sections are.
     *
     * @param experiments that the souper plans at a time
     * @param workers that share a queue
     * @param tasks of each of them, on average
     * @param state experiments in the state of a souper that is started again
     */
    public record Sizes(
            int megabytes, int experiments, int workers, int tasks, int state, int runImages, int trainers) {}

    /** @param folder an empty one, for the files of the section */
    public List<Figure> measure(Section section, Path folder) throws Exception {
        return switch (section) {
            case STEP -> turns(TakingTurns.Work.TRAIN, folder);
            case SCORING -> turns(TakingTurns.Work.SCORE, folder);
            case INPUT -> {
                List<Figure> figures = new ArrayList<>(new InputPipeline(28, 32, 64, 1024).measure());
                figures.addAll(new InputPipeline(256, 224, 16, 128).measure());
                yield figures;
            }
            case WAIT -> new DataWait(sizes.runImages()).measure(folder);
            case FILES -> new WeightFiles(sizes.megabytes()).measure(folder);
            case SOUPER -> new SouperLoad(sizes.experiments()).measure(folder);
            case QUEUE -> {
                int kills = Math.max(1, sizes.workers() / 20);
                int tasks = sizes.workers() * sizes.tasks();
                yield new QueueLoad(sizes.workers(), tasks, Duration.ofSeconds(1), kills).measure(folder);
            }
            case TIMES -> new SouperTimes(sizes.state(), Math.max(1, sizes.state() / 100)).measure(folder);
            case RUN -> new WholeRun(sizes.runImages(), sizes.trainers()).measure(folder);
        };
    }

    private List<Figure> turns(TakingTurns.Work work, Path folder) throws IOException {
        TakingTurns pair = new TakingTurns(steps, python);
        List<Figure> figures = new ArrayList<>();
        for (int threads : steps.threads()) {
            figures.addAll(pair.measure(work, threads, folder));
        }
        return figures;
    }

    /** Deletes a folder and all in it. */
    public static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
