package org.fissionfusion.local.cli;

import java.util.Optional;
import java.util.Stack;
import org.fissionfusion.local.run.RunPrinter;
import org.fissionfusion.runtime.HttpSettings;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code run} and {@code quickstart} share. */
final class RunOptions {
    @Option(
            names = "--trainers",
            paramLabel = "N",
            description = "trainers at a time, default: one per core, at most 8")
    private Integer trainers;

    @Mixin
    private OutputOptions output;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--dashboard",
            paramLabel = "PORT",
            arity = "0..1",
            parameterConsumer = PortIfANumber.class,
            description = "show the run in a browser of this machine, on this port or a free one")
    private Integer dashboard;

    /** So that {@code --dashboard REQUEST.yaml} is a request and no port. */
    static final class PortIfANumber implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> rest, ArgSpec option, CommandSpec command) {
            boolean port = !rest.isEmpty() && rest.peek().matches("[0-9]{1,5}");
            option.setValue(port ? Integer.valueOf(rest.pop()) : Integer.valueOf(0));
        }
    }

    Optional<HttpSettings> dashboard() {
        return Optional.ofNullable(dashboard).map(port -> new HttpSettings("127.0.0.1", port));
    }

    int trainers() {
        if (trainers != null && trainers < 1) {
            throw new ParameterException(
                    command.commandLine(), "--trainers " + trainers + " is not allowed; allowed: 1 or more");
        }
        return trainers != null ? trainers : Math.min(8, Runtime.getRuntime().availableProcessors());
    }

    RunPrinter printer() {
        return output.printer();
    }
}
