package org.fissionfusion.local.cli;

import java.util.Optional;
import org.fissionfusion.local.run.RunPrinter;
import org.fissionfusion.runtime.HttpSettings;
import picocli.CommandLine.Option;

/** What {@code run} and {@code quickstart} share. */
final class RunOptions {
    @Option(
            names = "--trainers",
            paramLabel = "N",
            description = "trainers at a time, default: one per core, at most 8")
    private int trainers;

    @Option(names = "--json", description = "print results.json to standard output, progress to standard error")
    private boolean json;

    @Option(
            names = "--dashboard",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "0",
            description = "show the run in a browser of this machine, on this port or a free one")
    private Integer dashboard;

    Optional<HttpSettings> dashboard() {
        return Optional.ofNullable(dashboard).map(port -> new HttpSettings("127.0.0.1", port));
    }

    int trainers() {
        return trainers > 0 ? trainers : Math.min(8, Runtime.getRuntime().availableProcessors());
    }

    RunPrinter printer() {
        return new RunPrinter(System.out, System.err, json ? Optional.empty() : Terminal.rows(), json);
    }
}
