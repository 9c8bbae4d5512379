package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fissionfusion.local.run.LocalRun;
import org.fissionfusion.local.run.RequestYaml;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the experiment of a request file, everything in this process.",
            "After an interruption the same command goes on; after the end it prints the result again."
        })
final class RunCommand implements Callable<Integer> {
    @Parameters(paramLabel = "REQUEST", description = "a YAML file; docs/request.md lists every key")
    private Path request;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "where everything goes, default: out/ and the name of the experiment")
    private Path out;

    @Option(names = "--data-root", paramLabel = "DIR", description = "what relative paths in the request start from")
    private Path root;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "put a value over the file's, e.g. data.imageSize=32")
    private Map<String, String> settings = Map.of();

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        ObjectNode tree = RequestYaml.read(request);
        RequestYaml.override(tree, settings);
        Path base = root != null ? root : request.toAbsolutePath().getParent();
        Path folder = out != null
                ? out
                : Path.of("out").resolve(tree.path("experiment").asText("experiment"));
        return new LocalRun(folder, options.trainers(), options.printer(), options.dashboard())
                .run(tree, base.toAbsolutePath());
    }
}
