package org.fissionfusion.local.cli;

import java.util.Optional;
import org.fissionfusion.local.run.RunPrinter;
import picocli.CommandLine.Option;

/** How a command that shows an experiment prints. */
final class OutputOptions {
    @Option(names = "--json", description = "print results.json to standard output, progress to standard error")
    private boolean json;

    RunPrinter printer() {
        return new RunPrinter(System.out, System.err, json ? Optional.empty() : Terminal.rows(), json);
    }
}
