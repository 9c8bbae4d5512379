package org.fissionfusion.local.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.fissionfusion.local.run.Quickstart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sample}. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a small request with synthetic images and a small pretrained network, to try a cluster with:",
            "DIR/request.yaml is what `submit` and `run` take. Seconds of work; the numbers mean nothing."
        })
final class SampleCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "where it goes")
    private Path folder;

    @Mixin
    private OutputOptions options;

    @Override
    public Integer call() throws Exception {
        Path request = new Quickstart(folder, Quickstart.Plan.SAMPLE, options.printer()).prepare();
        options.printer().say("request: " + request);
        return FissionFusion.DONE;
    }
}
