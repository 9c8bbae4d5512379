package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.ResultsJson;
import org.fissionfusion.local.results.ResultFiles;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.runtime.DiskSpace;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.FollowedExperiment;
import org.fissionfusion.vision.images.PreparationException;

/** One experiment from its request to its results, in one process. Going on after an interruption is the same call. */
public final class LocalRun {
    private static final long TICK_MILLIS = 250;

    private final Path out;
    private final int trainers;
    private final RunPrinter printer;
    private final Optional<HttpSettings> dashboard;

    /** @param dashboard where a browser may watch, if anywhere */
    public LocalRun(Path out, int trainers, RunPrinter printer, Optional<HttpSettings> dashboard) {
        this.out = out;
        this.trainers = trainers;
        this.printer = printer;
        this.dashboard = dashboard;
    }

    /**
     * Runs to the end and returns the exit code: 0 completed, 1 the experiment failed or was refused.
     *
     * @param base what relative paths in the request are relative to
     * @throws RunRefused when the folder is another run's or in use
     */
    public int run(ObjectNode tree, Path base) throws Exception {
        try {
            return runIn(tree, base);
        } catch (RunRefused | RequestException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw DiskSpace.isFull(out, e) ? new IllegalStateException(DiskSpace.full(out), e) : e;
        }
    }

    private int runIn(ObjectNode tree, Path base) throws Exception {
        RequestDraft draft = RequestReader.read(tree);
        try (OutputFolder folder = OutputFolder.take(out);
                RunClock clock = RunClock.start(folder.clock())) {
            ObjectStore store = new FolderStore(folder.store());
            ExperimentRequest request = resolve(draft, base, folder, store);
            String digest = request.digest();
            folder.belongTo(draft.experimentId(), digest);
            if (Files.exists(folder.results())) {
                JsonNode done = ResultsFile.read(folder.results());
                if (done.path("version").asInt() == ResultsJson.VERSION
                        && done.path("requestDigest").asText().equals(digest)) {
                    printer.result(done, folder.root());
                    return 0;
                }
            }
            Worked worked = work(request, folder);
            ExperimentView view = worked.view();
            if (view.head().phase() != Phase.COMPLETED) {
                printer.err()
                        .println("fissionfusion: the experiment is "
                                + view.standing().toLowerCase(Locale.ROOT) + ": " + view.reason());
                return 1;
            }
            Map<String, Double> seconds = Map.of(
                    "start", worked.start(),
                    "stop", (System.nanoTime() - worked.ended()) / 1e9,
                    "wall", clock.seconds());
            printer.result(new ResultFiles(view, store, folder.root()).write(seconds), folder.root());
            return 0;
        }
    }

    private ExperimentRequest resolve(RequestDraft draft, Path base, OutputFolder folder, ObjectStore store)
            throws IOException, PreparationException {
        Path scratch = folder.root().resolve("work").resolve("prepare");
        try {
            return draft.resolve(new RequestedFiles(draft, base, store, scratch).store());
        } finally {
            remove(scratch);
        }
    }

    /**
     * The experiment as it is when nothing happens any more.
     *
     * @param start seconds until the request was submitted
     * @param ended time of its last event, of System.nanoTime
     */
    private record Worked(ExperimentView view, double start, long ended) {}

    private Worked work(ExperimentRequest request, OutputFolder folder) throws Exception {
        long begun = System.nanoTime();
        try (OrderlyStop _ = OrderlyStop.install();
                LocalCluster cluster = LocalCluster.start(folder, trainers)) {
            ExperimentFollower follower = cluster.follow(request.experimentId());
            cluster.submit(request);
            double start = (System.nanoTime() - begun) / 1e9;
            dashboard.ifPresent(where -> printer.say("dashboard: " + cluster.showOn(where)));
            ProgressPrinter progress = printer.progress();
            while (true) {
                Optional<ExperimentView> view =
                        follower.experiment(request.experimentId()).map(FollowedExperiment::view);
                view.ifPresent(now -> progress.show(now, Instant.now()));
                if (view.isPresent() && view.get().ended()) {
                    progress.finish();
                    return new Worked(view.get(), start, System.nanoTime());
                }
                follower.requireWorking();
                cluster.requireWorking();
                Thread.sleep(TICK_MILLIS);
            }
        }
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
