package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.local.results.ReportPage;
import org.fissionfusion.local.results.Results;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.model.TorchEngine;

/** One experiment from its request to its results, in one process. Going on after an interruption is the same call. */
public final class LocalRun {
    private static final long TICK_MILLIS = 250;

    private final Path out;
    private final int trainers;
    private final RunPrinter printer;

    public LocalRun(Path out, int trainers, RunPrinter printer) {
        this.out = out;
        this.trainers = trainers;
        this.printer = printer;
    }

    /**
     * Runs to the end and returns the exit code: 0 completed, 1 the experiment failed or was refused.
     *
     * @param base what relative paths in the request are relative to
     * @throws RunRefused when the folder is another run's or in use
     */
    public int run(ObjectNode tree, Path base) throws Exception {
        RequestDraft draft = RequestReader.read(tree);
        try (OutputFolder folder = OutputFolder.take(out)) {
            ObjectStore store = new FolderStore(folder.store());
            ExperimentRequest request = resolve(draft, base, folder, store);
            String digest = request.digest();
            folder.belongTo(draft.experimentId(), digest);
            if (Files.exists(folder.results())) {
                Results done = ResultsFile.read(folder.results());
                if (done.version() == Results.VERSION && done.requestDigest().equals(digest)) {
                    printer.result(done, folder);
                    return 0;
                }
            }
            return work(request, folder, store);
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

    private int work(ExperimentRequest request, OutputFolder folder, ObjectStore store) throws Exception {
        long begun = System.nanoTime();
        long started;
        long ended;
        RunLog log = new RunLog(request.experimentId());
        ProgressPrinter progress = printer.progress();
        try (OrderlyStop _ = OrderlyStop.install();
                LocalCluster cluster = LocalCluster.start(folder, trainers)) {
            ExperimentFeed feed = cluster.follow(log);
            cluster.submit(request);
            started = System.nanoTime();
            ExperimentStatus status = feed.awaitEnd(() -> progress.show(log), TICK_MILLIS, cluster::faults);
            ended = System.nanoTime();
            progress.finish();
            if (!status.getPhase().equals("COMPLETED")) {
                printer.err()
                        .println("fissionfusion: the experiment is %s: %s"
                                .formatted(status.getPhase().toLowerCase(java.util.Locale.ROOT), status.getReason()));
                return 1;
            }
        }
        Results results = new ResultsOfLog(log).results(comparisons(log, store), versions());
        Map<String, Double> seconds = results.cost().seconds();
        seconds.put("start", (started - begun) / 1e9);
        seconds.put("stop", (System.nanoTime() - ended) / 1e9);
        seconds.put("wall", (System.nanoTime() - begun) / 1e9);
        publish(results, log, folder, store);
        printer.result(results, folder);
        return 0;
    }

    private static void publish(Results results, RunLog log, OutputFolder folder, ObjectStore store)
            throws IOException {
        for (Results.Checkpoint checkpoint : results.checkpoints()) {
            var file = log.checkpoints().get(checkpoint.id()).checkpoint().getFile();
            folder.publish(store.verified(StoredObject.from(file)), checkpoint.file());
        }
        for (Results.Soup soup : results.soups()) {
            folder.publish(
                    store.verified(StoredObject.from(log.soups().get(soup.id()).getFile())), soup.file());
        }
        ReportPage.write(folder.root().resolve("report.html"), results);
        ResultsFile.write(folder.results(), results);
    }

    private static List<Results.Comparison> comparisons(RunLog log, ObjectStore store) throws IOException {
        List<Results.Comparison> comparisons = new ArrayList<>();
        for (var task : log.evaluations().values()) {
            EvaluationCompleted done = log.evaluated().get(task.getTaskId());
            if (task.getWork() instanceof Comparing && done != null && done.getDocument() != null) {
                byte[] document = Files.readAllBytes(store.verified(StoredObject.from(done.getDocument())));
                JsonNode tree = new ObjectMapper().readTree(new String(document, StandardCharsets.UTF_8));
                for (JsonNode split : tree.path("splits")) {
                    for (JsonNode row : split.path("comparisons")) {
                        comparisons.add(comparison(split.path("split").asText(), row));
                    }
                }
            }
        }
        return comparisons;
    }

    private static Results.Comparison comparison(String split, JsonNode row) {
        return new Results.Comparison(
                split,
                row.path("strategy").asText(),
                row.path("baseline").asText(),
                number(row, "delta"),
                number(row, "low"),
                number(row, "high"),
                number(row, "p"),
                number(row, "holm"));
    }

    private static Double number(JsonNode row, String name) {
        return row.path(name).isNumber() ? row.path(name).asDouble() : null;
    }

    private static Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>(TorchEngine.platform());
        versions.put("fissionfusion", "0.1.0");
        versions.put("java", System.getProperty("java.version"));
        return versions;
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
