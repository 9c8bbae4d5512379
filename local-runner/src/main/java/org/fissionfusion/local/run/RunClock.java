package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.fissionfusion.local.results.ResultsFile;

/**
 * Counts the seconds that processes worked on a run, over all of them. A mark in the folder is renewed every few
 * seconds, so that a process that is killed takes at most those with it; the time between two processes never counts.
 */
final class RunClock implements AutoCloseable {
    private static final Duration PACE = Duration.ofSeconds(2);
    private static final String SECONDS = "seconds";

    private final Path file;
    private final double before;
    private final long begun = System.nanoTime();
    private final ScheduledExecutorService marks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("run-clock").factory());

    private RunClock(Path file, double before) {
        this.file = file;
        this.before = before;
    }

    /** Goes on from the mark in the file, or from zero when there is none. */
    static RunClock start(Path file) throws IOException {
        double before = Files.exists(file)
                ? new ObjectMapper().readTree(file.toFile()).path(SECONDS).asDouble()
                : 0;
        RunClock clock = new RunClock(file, before);
        var _ = clock.marks.scheduleAtFixedRate(
                clock::markIfPossible, PACE.toMillis(), PACE.toMillis(), TimeUnit.MILLISECONDS);
        return clock;
    }

    /** Over all processes so far. */
    double seconds() {
        return before + (System.nanoTime() - begun) / 1e9;
    }

    private void markIfPossible() {
        try {
            mark();
        } catch (IOException e) {
            // a full disk stops the run where it matters; the next mark may succeed
        }
    }

    private synchronized void mark() throws IOException {
        ResultsFile.writeAtomically(file, JsonNodeFactory.instance.objectNode().put(SECONDS, seconds()) + "\n");
    }

    @Override
    public void close() {
        marks.shutdownNow();
        try {
            mark();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
