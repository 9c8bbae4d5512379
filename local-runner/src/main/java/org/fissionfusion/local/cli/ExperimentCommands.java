package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Priority;
import org.fissionfusion.local.cluster.Commands;
import org.fissionfusion.local.cluster.LatestRows;
import org.fissionfusion.schemas.Topics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a user asks of experiments on a cluster: {@code list}, {@code cancel}, {@code pause}, {@code resume}, {@code priority}. */
final class ExperimentCommands {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private ExperimentCommands() {}

    static void print(CommandSpec spec, ExperimentStatus status, boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode row = new ObjectMapper()
                    .createObjectNode()
                    .put("experiment", status.getExperimentId())
                    .put("phase", status.getPhase().toLowerCase(Locale.ROOT))
                    .put("tasksDone", status.getTasksDone())
                    .put("tasksTotal", status.getTasksTotal())
                    .put("priority", status.getPriority().name().toLowerCase(Locale.ROOT))
                    .put("reason", status.getReason())
                    .put("requestDigest", status.getRequestDigest());
            out.println(row);
        } else {
            out.printf(
                    "%-32s %-10s %5d of %d tasks%s%s%n",
                    status.getExperimentId(),
                    status.getPhase().toLowerCase(Locale.ROOT),
                    status.getTasksDone(),
                    status.getTasksTotal(),
                    status.getPriority() == Priority.HIGH ? "  high priority" : "",
                    status.getReason().isBlank() ? "" : "  " + status.getReason());
        }
        out.flush();
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists a cluster's experiments.")
    static final class ListAll implements Callable<Integer> {
        @Option(names = "--json", description = "print a line of JSON per experiment")
        private boolean json;

        @Mixin
        private ClusterOptions cluster;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            try (LatestRows<ExperimentStatus> statuses = LatestRows.read(cluster.clients(), Topics.EXPERIMENT_STATUS)) {
                statuses.rows().values().forEach(status -> print(spec, status, json));
            }
            return FissionFusion.DONE;
        }
    }

    /** The experiment of a command, and the cluster it is on. */
    static final class OneExperiment {
        /** Asks the souper, which answers with the experiment's status. */
        interface Request {
            ExperimentStatus to(Commands commands) throws Exception;
        }

        @Parameters(index = "0", paramLabel = "EXPERIMENT")
        private String experiment;

        @Mixin
        private ClusterOptions cluster;

        @Spec(Spec.Target.MIXEE)
        private CommandSpec command;

        private int ask(Request request) throws Exception {
            print(command, request.to(new Commands(cluster.clients(), PATIENCE)), false);
            return FissionFusion.DONE;
        }
    }

    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = "Ends an experiment; tasks under way stop at their next step.")
    static final class Cancel implements Callable<Integer> {
        @Mixin
        private OneExperiment of;

        @Option(names = "--reason", defaultValue = "cancelled by a user", description = "kept with the experiment")
        private String reason;

        @Override
        public Integer call() throws Exception {
            return of.ask(commands -> commands.cancel(of.experiment, reason));
        }
    }

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description = "Holds an experiment: nothing new is issued, tasks under way are handed back.")
    static final class Pause implements Callable<Integer> {
        @Mixin
        private OneExperiment of;

        @Override
        public Integer call() throws Exception {
            return of.ask(commands -> commands.pause(of.experiment, true));
        }
    }

    @Command(name = "resume", mixinStandardHelpOptions = true, description = "Continues an experiment that was paused.")
    static final class Resume implements Callable<Integer> {
        @Mixin
        private OneExperiment of;

        @Override
        public Integer call() throws Exception {
            return of.ask(commands -> commands.pause(of.experiment, false));
        }
    }

    @Command(
            name = "priority",
            mixinStandardHelpOptions = true,
            description = {
                "Lets an experiment go before all others, or not any more.",
                "Tasks of other experiments are handed back at their next step when one of high priority comes."
            })
    static final class Prioritize implements Callable<Integer> {
        @Mixin
        private OneExperiment of;

        @Parameters(index = "1", paramLabel = "high|normal")
        private Priority priority;

        @Override
        public Integer call() throws Exception {
            return of.ask(commands -> commands.prioritize(of.experiment, priority));
        }
    }
}
