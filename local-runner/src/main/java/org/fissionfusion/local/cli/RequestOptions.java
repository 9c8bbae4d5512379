package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.fissionfusion.local.run.RequestYaml;
import org.fissionfusion.local.run.RunRefused;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A request file, what is put over it, and where its relative paths start. */
final class RequestOptions {
    @Parameters(paramLabel = "REQUEST", description = "a YAML file; docs/request.md lists every key")
    private Path request;

    @Option(names = "--data-root", paramLabel = "DIR", description = "what relative paths in the request start from")
    private Path root;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "put a value over the file's, e.g. data.imageSize=32")
    private Map<String, String> settings = Map.of();

    /** The request's keys and values, none of them checked yet. */
    ObjectNode tree() throws IOException, RunRefused {
        ObjectNode tree = RequestYaml.read(request);
        RequestYaml.override(tree, settings);
        return tree;
    }

    /** What relative paths in the request start from: {@code --data-root}, or else the folder of the file. */
    Path base() {
        return (root != null ? root : request.toAbsolutePath().getParent()).toAbsolutePath();
    }
}
