package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.fissionfusion.local.run.LocalRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the experiment of a request file, everything in this process.",
            "After an interruption the same command goes on; after the end it prints the result again."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    private RequestOptions request;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "where everything goes, default: out/ and the name of the experiment")
    private Path out;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        ObjectNode tree = request.tree();
        Path folder = out != null
                ? out
                : Path.of("out").resolve(tree.path("experiment").asText("experiment"));
        return new LocalRun(folder, options.trainers(), options.printer(), options.dashboard())
                .run(tree, request.base());
    }
}
