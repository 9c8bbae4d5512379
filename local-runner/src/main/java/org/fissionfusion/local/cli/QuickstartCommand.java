package org.fissionfusion.local.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.fissionfusion.local.run.LocalRun;
import org.fissionfusion.local.run.Quickstart;
import org.fissionfusion.local.run.RequestYaml;
import org.fissionfusion.local.run.RunPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quickstart}. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Draws a small data set of synthetic lesions, pretrains a small network on a related one,",
            "and runs a whole experiment with every strategy. Needs no network and no data."
        })
final class QuickstartCommand implements Callable<Integer> {
    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            defaultValue = "out/quickstart",
            description = "where everything goes, default: ${DEFAULT-VALUE}")
    private Path out;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        RunPrinter printer = options.printer();
        Path request = new Quickstart(out, Quickstart.Plan.USUAL, printer).prepare();
        return new LocalRun(out, options.trainers(), printer, options.dashboard())
                .run(RequestYaml.read(request), request.toAbsolutePath().getParent());
    }
}
