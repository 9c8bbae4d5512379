package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.local.cluster.DeadLetterBox;
import org.fissionfusion.local.run.RunRefused;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code deadletters list} and {@code deadletters replay}. */
@Command(
        name = "deadletters",
        mixinStandardHelpOptions = true,
        description = "Shows the records of a cluster that nobody could handle, and sends them again.",
        subcommands = {DeadLetterCommands.ListAll.class, DeadLetterCommands.Replay.class})
final class DeadLetterCommands implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: list or replay");
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists dead letters, each by its origin.")
    static final class ListAll implements Callable<Integer> {
        @Option(names = "--topic", paramLabel = "NAME", description = "only records of this topic")
        private String topic;

        @Option(names = "--stack", description = "with stack traces")
        private boolean stack;

        @Option(names = "--json", description = "print a line of JSON per letter")
        private boolean json;

        @Mixin
        private ClusterOptions cluster;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            PrintWriter out = spec.commandLine().getOut();
            new DeadLetterBox(cluster.clients()).read().forEach((origin, letter) -> {
                if (topic == null || topic.equals(letter.getOriginTopic())) {
                    print(out, origin, letter);
                }
            });
            out.flush();
            return FissionFusion.DONE;
        }

        private void print(PrintWriter out, String origin, DeadLetter letter) {
            if (json) {
                ObjectNode row = new ObjectMapper()
                        .createObjectNode()
                        .put("origin", origin)
                        .put("key", letter.getOriginKey())
                        .put("bytes", letter.getOriginValue().remaining())
                        .put("service", letter.getService())
                        .put("reason", letter.getReason())
                        .put("stack", letter.getStack());
                out.println(row);
            } else {
                out.printf(
                        "%s  key %s, %d bytes, by %s: %s%n",
                        origin,
                        letter.getOriginKey().isEmpty() ? "none" : letter.getOriginKey(),
                        letter.getOriginValue().remaining(),
                        letter.getService(),
                        letter.getReason());
                if (stack) {
                    letter.getStack().lines().forEach(line -> out.println("    " + line));
                }
            }
        }
    }

    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            description = {
                "Publishes records again, key and bytes as they were, once what was wrong with them is mended.",
                "Doing it again does no harm: what is known already changes nothing."
            })
    static final class Replay implements Callable<Integer> {
        @Parameters(paramLabel = "ORIGIN", description = "as `deadletters list` shows them, e.g. results-0@17")
        private List<String> origins = new ArrayList<>();

        @Option(names = "--all", description = "all there are")
        private boolean all;

        @Mixin
        private ClusterOptions cluster;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            if (all != origins.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "say origins, or --all for every letter");
            }
            DeadLetterBox box = new DeadLetterBox(cluster.clients());
            Map<String, DeadLetter> letters = box.read();
            for (String origin : origins) {
                if (!letters.containsKey(origin)) {
                    throw new RunRefused(
                            "there is no dead letter of " + origin + "; `fissionfusion deadletters list` shows all");
                }
            }
            PrintWriter out = spec.commandLine().getOut();
            for (String origin : all ? List.copyOf(letters.keySet()) : origins) {
                box.replay(letters.get(origin));
                out.println("sent again: " + origin);
                out.flush();
            }
            return FissionFusion.DONE;
        }
    }
}
