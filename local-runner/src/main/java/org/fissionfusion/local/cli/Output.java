package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a command says its result: in JSON where a program reads it, else for a person. */
final class Output {
    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** The whole result in the form that was asked for. */
    void print(JsonNode result, Consumer<PrintWriter> text) {
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(result.toPrettyString());
        } else {
            text.accept(out);
        }
        out.flush();
    }

    /** A line on the way to the result, for a person. */
    void say(Object line) {
        if (!json) {
            PrintWriter out = command.commandLine().getOut();
            out.println(line);
            out.flush();
        }
    }
}
