package org.fissionfusion.local.cli;

import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Priority;
import org.fissionfusion.local.cluster.Commands;
import org.fissionfusion.local.cluster.Ends;
import org.fissionfusion.local.run.RequestedFiles;
import org.fissionfusion.runtime.ObjectStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code submit}. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = {
            "Brings the files of a request into a cluster's store and asks the cluster for the experiment.",
            "Doing it again changes nothing. `watch` shows it, `fetch` gets the result.",
            "A request with `repeats` becomes one experiment for each of its seeds."
        })
final class SubmitCommand implements Callable<Integer> {
    @Mixin
    private RequestOptions request;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private StoreOption store;

    @Option(
            names = "--priority",
            paramLabel = "high|normal",
            description = "high: its tasks go before those of all other experiments")
    private Priority priority;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        RequestDraft draft = RequestReader.read(request.tree());
        ResolvedFiles files;
        try (ScratchFolder scratch = new ScratchFolder(Files.createTempDirectory("fissionfusion-submit"));
                ObjectStore shared = store.open()) {
            files = new RequestedFiles(draft, request.base(), shared, scratch.path(), this::note).store();
        }
        Commands commands = new Commands(cluster.clients(), Duration.ofSeconds(60));
        for (RequestDraft experiment : draft.experiments()) {
            ExperimentStatus status = commands.submit(experiment.resolve(files));
            if (priority != null && !Ends.reached(status)) {
                status = commands.prioritize(status.getExperimentId(), priority);
            }
            ExperimentCommands.print(spec, status, false);
        }
        return FissionFusion.DONE;
    }

    private void note(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
