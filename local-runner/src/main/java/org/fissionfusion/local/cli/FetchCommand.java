package org.fissionfusion.local.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.local.results.ResultFiles;
import org.fissionfusion.local.run.RunPrinter;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.FollowedExperiment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fetch}. */
@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        description = {
            "Writes what a completed experiment of a cluster leaves, as `run` does:",
            "results.json, report.html, checkpoints/ and soups/."
        })
final class FetchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "EXPERIMENT")
    private String experiment;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "where everything goes, default: out/ and the name of the experiment")
    private Path out;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private StoreOption store;

    @Mixin
    private OutputOptions options;

    @Override
    public Integer call() throws Exception {
        RunPrinter printer = options.printer();
        Path folder = out != null ? out : Path.of("out").resolve(experiment);
        try (ExperimentFollower follower = ExperimentFollower.of(cluster.clients(), experiment);
                ObjectStore files = store.open()) {
            WatchCommand.caughtUp(follower);
            FollowedExperiment followed = WatchCommand.known(follower, experiment);
            if (followed.view().head().phase() != Phase.COMPLETED) {
                throw new RunRefused("experiment " + experiment + " is "
                        + followed.view().standing().toLowerCase(Locale.ROOT) + ", there is no result to fetch");
            }
            Files.createDirectories(folder);
            Map<String, Double> seconds = Map.of("wall", followed.elapsed().toMillis() / 1e3);
            printer.result(new ResultFiles(followed.view(), files, folder).write(seconds), folder);
            return FissionFusion.DONE;
        }
    }
}
