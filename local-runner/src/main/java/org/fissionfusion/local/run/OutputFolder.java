package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fissionfusion.local.results.ResultsFile;

/**
 * The folder of one run. One process holds it at a time, and it belongs to one request for ever.
 *
 * <pre>
 * store/        weights, predictions, prepared sets; named by digest; test and OOD sets below sealed/
 * kafka/        the embedded broker
 * streams/      state of the souper
 * work/         what a trainer or an evaluator needs while it works
 * run.json      experiment, request digest
 * clock.json    seconds of work so far
 * results.json, report.html, checkpoints/, soups/   when done
 * </pre>
 */
public final class OutputFolder implements AutoCloseable {
    private final Path root;
    private final FileChannel channel;
    private final FileLock lock;

    private OutputFolder(Path root, FileChannel channel, FileLock lock) {
        this.root = root;
        this.channel = channel;
        this.lock = lock;
    }

    /** Creates the folder when it is missing and takes it. */
    public static OutputFolder take(Path root) throws IOException, RunRefused {
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw new RunRefused("--out " + root + " is a file; a folder is needed");
        }
        Files.createDirectories(root);
        Path absolute = root.toRealPath();
        FileChannel channel =
                FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held by this very process: refused below
        }
        if (lock == null) {
            channel.close();
            throw new RunRefused("another process works in " + root + "; wait for it, or choose another --out");
        }
        return new OutputFolder(absolute, channel, lock);
    }

    /** Refuses the folder when another request was run in it; else remembers this one. */
    public void belongTo(String experiment, String requestDigest) throws IOException, RunRefused {
        Optional<Map<?, ?>> known = identity();
        if (known.isPresent()) {
            Object digest = known.get().get("requestDigest");
            if (!requestDigest.equals(digest)) {
                throw new RunRefused(
                        "%s holds the run of another request (experiment %s, request %s; this one is %s, request %s); choose another --out"
                                .formatted(root, known.get().get("experiment"), digest, experiment, requestDigest));
            }
            return;
        }
        Map<String, String> identity = new TreeMap<>(Map.of("experiment", experiment, "requestDigest", requestDigest));
        ResultsFile.writeAtomically(
                root.resolve("run.json"),
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(identity) + "\n");
    }

    private Optional<Map<?, ?>> identity() throws IOException {
        Path file = root.resolve("run.json");
        return Files.exists(file)
                ? Optional.of(new ObjectMapper().readValue(file.toFile(), Map.class))
                : Optional.empty();
    }

    public Path root() {
        return root;
    }

    public Path store() {
        return root.resolve("store");
    }

    Path clock() {
        return root.resolve("clock.json");
    }

    public Path results() {
        return root.resolve("results.json");
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
