package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.runtime.Event;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the whole process at named moments, and at random ones, each time starting it again. */
class CrashIT {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    /** When the process is killed, in the order of an experiment. */
    private enum Moment {
        PREFLIGHT,
        PROBING,
        FINE_TUNING,
        FISSION,
        TASTING,
        PERSISTING,
        REESTIMATING,
        UNSEALED,
        RESULTS;

        boolean isSeenIn(TaskProgress beat) {
            return switch (this) {
                case PREFLIGHT -> beat.getStage().equals("preflight");
                case PROBING -> beat.getStage().equals("linear-probe");
                case FINE_TUNING -> beat.getStage().equals("fine-tune");
                case FISSION -> beat.getStage().equals("fission");
                case PERSISTING -> beat.getStage().equals("persisting");
                case REESTIMATING -> beat.getStage().equals("batch-norm");
                case UNSEALED -> beat.getStage().equals("serving");
                case TASTING, RESULTS -> false;
            };
        }

        boolean isSeenIn(EvaluationTask task) {
            return this == TASTING && task.getWork() instanceof Scoring scoring && scoring.getTasting();
        }

        boolean isSeenIn(Path out) {
            return this == RESULTS && Files.exists(out.resolve("checkpoints"));
        }
    }

    @Test
    void makesTheSameSoupsWhereverItIsKilled() throws Exception {
        Path out = folder.resolve("killed");
        Path request = TinyExperiment.prepare(folder.resolve("input"));
        Set<Moment> killed = EnumSet.noneOf(Moment.class);
        double marked = 0;
        for (Moment moment : Moment.values()) {
            if (moment == Moment.RESULTS) {
                marked = seconds(out.resolve("clock.json"), "/seconds"); // results may be written before the next mark
            }
            try (RunProcess run = RunProcess.start(request, out)) {
                if (comes(moment, out, run)) {
                    run.kill();
                    killed.add(moment);
                }
            }
        }
        // a run may have its results before they are seen
        assertThat(killed).containsAll(EnumSet.complementOf(EnumSet.of(Moment.RESULTS)));

        assertThat(marked).isPositive();
        try (RunProcess last = RunProcess.start(request, out)) {
            assertThat(last.endsWithin(PATIENCE)).as("ends in time").isTrue();
            assertThat(last.process().exitValue()).as(text(out)).isZero();
        }

        assertThat(RunProcess.soups(out)).isEqualTo(UndisturbedRun.soups()).isNotEmpty();
        // the seconds of the processes that were killed count, but for those since their last mark
        assertThat(seconds(out.resolve("results.json"), "/cost/seconds/wall")).isGreaterThan(marked);
    }

    @Test
    void makesTheSameSoupsWhenItIsKilledAtRandom() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path out = folder.resolve("random");
        Path request = TinyExperiment.prepare(folder.resolve("input"));
        int kills = 0;
        for (int i = 0; i < 3; i++) {
            try (RunProcess run = RunProcess.start(request, out)) {
                if (!run.endsWithin(Duration.ofMillis(3_000 + random.nextInt(12_000)))) {
                    run.kill();
                    kills++;
                }
            }
        }
        try (RunProcess last = RunProcess.start(request, out)) {
            assertThat(last.endsWithin(PATIENCE)).as("seed %d", seed).isTrue();
            assertThat(last.process().exitValue())
                    .as("seed %d: %s", seed, text(out))
                    .isZero();
        }
        assertThat(kills).as("seed %d", seed).isPositive();
        assertThat(RunProcess.soups(out)).as("seed %d", seed).isEqualTo(UndisturbedRun.soups());
    }

    private static double seconds(Path file, String pointer) throws Exception {
        return ResultsFile.read(file).at(pointer).asDouble();
    }

    private static String text(Path out) throws Exception {
        return Files.readString(RunProcess.output(out));
    }

    /** @return false when the process ended before */
    private static boolean comes(Moment moment, Path out, RunProcess run) throws Exception {
        AtomicBoolean seen = new AtomicBoolean();
        Optional<Onlooker> onlooker = Optional.empty();
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!seen.get() && !moment.isSeenIn(out)) {
                if (run.endsWithin(Duration.ofMillis(10))) {
                    return false;
                }
                assertThat(System.nanoTime()).as("%s comes in time", moment).isLessThan(end);
                if (onlooker.isEmpty() && Files.exists(out.resolve("store").resolve("data"))) {
                    onlooker = RunProcess.clientsOf(out).map(clients -> new Onlooker(clients, moment, run, seen));
                }
            }
            return true;
        } finally {
            onlooker.ifPresent(Onlooker::close);
        }
    }

    /** Reads what the process says since it was started. */
    private record Onlooker(EventStream<TaskProgress> beats, EventStream<EvaluationTask> tasks) {
        Onlooker(KafkaClients clients, Moment moment, RunProcess run, AtomicBoolean seen) {
            this(
                    EventStream.start(
                            clients,
                            Topics.PROGRESS,
                            event -> look(event, run, event.value().filter(moment::isSeenIn), seen)),
                    EventStream.start(
                            clients,
                            Topics.EVALUATION_TASKS,
                            event -> look(event, run, event.value().filter(moment::isSeenIn), seen)));
        }

        private static void look(Event<?> event, RunProcess run, Optional<?> sight, AtomicBoolean seen) {
            if (sight.isPresent() && event.time().isAfter(run.started())) {
                seen.set(true);
            }
        }

        void close() {
            beats.close();
            tasks.close();
        }
    }
}
