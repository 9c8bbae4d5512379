package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.local.cluster.Commands;
import org.fissionfusion.local.run.RequestYaml;
import org.fissionfusion.local.run.RequestedFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code submit}. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = {
            "Brings the files of a request into a cluster's store and asks the cluster for the experiment.",
            "Doing it again changes nothing. `watch` shows it, `fetch` gets the result."
        })
final class SubmitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "REQUEST", description = "a YAML file; docs/request.md lists every key")
    private Path request;

    @Option(names = "--data-root", paramLabel = "DIR", description = "what relative paths in the request start from")
    private Path root;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "put a value over the file's, e.g. data.imageSize=32")
    private Map<String, String> settings = Map.of();

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private StoreOption store;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        ObjectNode tree = RequestYaml.read(request);
        RequestYaml.override(tree, settings);
        RequestDraft draft = RequestReader.read(tree);
        Path base = (root != null ? root : request.toAbsolutePath().getParent()).toAbsolutePath();
        ExperimentRequest resolved;
        try (ScratchFolder scratch = new ScratchFolder(Files.createTempDirectory("fissionfusion-submit"))) {
            resolved = draft.resolve(new RequestedFiles(draft, base, store.open(), scratch.path()).store());
        }
        ExperimentCommands.print(spec, new Commands(cluster.clients(), Duration.ofSeconds(60)).submit(resolved), false);
        return FissionFusion.DONE;
    }
}
