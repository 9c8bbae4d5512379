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

    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25 where there is no terminal
    RunPrinter printer() {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal() && System.getenv("NO_COLOR") == null;
        return new RunPrinter(System.out, System.err, terminal && !json, json);
    }
}
