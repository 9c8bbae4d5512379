package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.ResultsJson;
import org.fissionfusion.local.results.RepeatSummary;
import org.fissionfusion.local.results.ResultFiles;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.runtime.DiskSpace;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.FollowedExperiment;
import org.fissionfusion.vision.images.PreparationException;

/**
 * One experiment, or its repeats, from the request to the results, in one process. Going on after an interruption is the
 * same call.
 */
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
            List<Part> parts = parts(draft, resolve(draft, base, folder, store), folder.root());
            folder.belongTo(draft.experimentId(), identity(parts));
            List<Part> open = new ArrayList<>();
            for (Part part : parts) {
                if (part.done().isEmpty()) {
                    open.add(part);
                }
            }
            if (!open.isEmpty() && !completed(open, folder, store, clock)) {
                return 1;
            }
            List<JsonNode> results = new ArrayList<>();
            for (Part part : parts) {
                results.add(part.done().orElseThrow());
            }
            if (draft.repeats().isEmpty()) {
                printer.result(results.getFirst(), folder.root());
            } else {
                ObjectNode summary = RepeatSummary.of(draft.experimentId(), draft.repeats(), results);
                ResultsFile.write(folder.root().resolve("summary.json"), summary);
                printer.summary(summary, folder.root());
            }
            return 0;
        }
    }

    /** An experiment and where its results go. */
    private record Part(ExperimentRequest request, Path folder) {
        /** Its results, when they are all there. */
        Optional<JsonNode> done() throws IOException {
            Path file = folder.resolve("results.json");
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            JsonNode results = ResultsFile.read(file);
            boolean its = results.path("version").asInt() == ResultsJson.VERSION
                    && results.path("requestDigest").asText().equals(request.digest());
            return its && whole(results) ? Optional.of(results) : Optional.empty();
        }

        /** True when every file that the results name is there. */
        private boolean whole(JsonNode results) {
            return Files.exists(folder.resolve("report.html"))
                    && Stream.of("checkpoints", "soups")
                            .flatMap(kind -> results.path(kind).valueStream())
                            .filter(row -> row.has("file"))
                            .allMatch(row ->
                                    Files.exists(folder.resolve(row.path("file").asText())));
        }
    }

    private static List<Part> parts(RequestDraft draft, ResolvedFiles files, Path root) {
        if (draft.repeats().isEmpty()) {
            return List.of(new Part(draft.resolve(files), root));
        }
        List<Part> parts = new ArrayList<>();
        for (RequestDraft repeat : draft.experiments()) {
            long seed = repeat.training().fineTune().seed();
            parts.add(new Part(repeat.resolve(files), root.resolve("repeats").resolve(Long.toString(seed))));
        }
        return parts;
    }

    /** The digest of the request, of several all of theirs. */
    private static String identity(List<Part> parts) {
        return String.join(
                "+", parts.stream().map(part -> part.request().digest()).toList());
    }

    private ResolvedFiles resolve(RequestDraft draft, Path base, OutputFolder folder, ObjectStore store)
            throws IOException, PreparationException {
        Path scratch = folder.root().resolve("work").resolve("prepare");
        try {
            return new RequestedFiles(draft, base, store, scratch, printer::say).store();
        } finally {
            remove(scratch);
        }
    }

    /** Works until every experiment has ended, and writes the results of those that are completed. */
    private boolean completed(List<Part> parts, OutputFolder folder, ObjectStore store, RunClock clock)
            throws Exception {
        List<Worked> worked = work(parts, folder);
        boolean all = true;
        for (int i = 0; i < parts.size(); i++) {
            ExperimentView view = worked.get(i).view();
            if (view.head().phase() != Phase.COMPLETED) {
                String which = parts.size() == 1 ? "the experiment" : view.id();
                printer.err()
                        .println("fissionfusion: " + which + " is "
                                + view.standing().toLowerCase(Locale.ROOT) + ": " + view.reason());
                all = false;
                continue;
            }
            Map<String, Double> seconds = Map.of(
                    "start", worked.get(i).start(),
                    "stop", (System.nanoTime() - worked.getLast().ended()) / 1e9,
                    "wall", clock.seconds());
            new ResultFiles(view, store, Files.createDirectories(parts.get(i).folder())).write(seconds);
        }
        return all;
    }

    /**
     * The experiment as it is when nothing happens any more.
     *
     * @param start seconds until the request was submitted
     * @param ended time of its last event, of System.nanoTime
     */
    private record Worked(ExperimentView view, double start, long ended) {}

    private List<Worked> work(List<Part> parts, OutputFolder folder) throws Exception {
        long begun = System.nanoTime();
        OrderlyStop stop = OrderlyStop.install();
        try (stop;
                LocalCluster cluster = LocalCluster.start(folder, trainers)) {
            // asked for together, so that trainers that one of them leaves idle work for the next
            List<ExperimentFollower> followers = new ArrayList<>();
            for (Part part : parts) {
                followers.add(cluster.follow(part.request().experimentId()));
                cluster.submit(part.request());
            }
            double start = (System.nanoTime() - begun) / 1e9;
            dashboard.ifPresent(where -> printer.say("dashboard: " + cluster.showOn(where)));
            List<Worked> worked = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                if (parts.size() > 1) {
                    printer.say(parts.get(i).request().experimentId());
                }
                ExperimentView view = awaited(parts.get(i).request().experimentId(), followers.get(i), cluster);
                worked.add(new Worked(view, start, System.nanoTime()));
            }
            return worked;
        } catch (Exception | LinkageError e) {
            if (stop.asked()) {
                throw new RunStopped(e);
            }
            throw e;
        }
    }

    private ExperimentView awaited(String id, ExperimentFollower follower, LocalCluster cluster) throws Exception {
        ProgressPrinter progress = printer.progress();
        while (true) {
            Optional<ExperimentView> view = follower.experiment(id).map(FollowedExperiment::view);
            view.ifPresent(now -> progress.show(now, Instant.now()));
            if (view.isPresent() && view.get().ended()) {
                progress.finish();
                return view.get();
            }
            follower.requireWorking();
            cluster.requireWorking();
            Thread.sleep(TICK_MILLIS);
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
