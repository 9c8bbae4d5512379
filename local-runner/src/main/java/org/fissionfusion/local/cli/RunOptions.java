package org.fissionfusion.local.cli;

import java.io.Console;
import org.fissionfusion.local.run.RunPrinter;
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

    int trainers() {
        return trainers > 0 ? trainers : Math.min(8, Runtime.getRuntime().availableProcessors());
    }

    RunPrinter printer() {
        Console console = System.console();
        boolean terminal = console.isTerminal() && System.getenv("NO_COLOR") == null;
        return new RunPrinter(System.out, System.err, terminal && !json, json);
    }
}
