package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.core.weights.MeanOfWeights;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.local.run.RunRefused;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code inspect}. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows the tensors, the lineage and the digests of a checkpoint, a soup or a prepared data set.")
final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "a safetensors file")
    private Path file;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException, RunRefused {
        if (Files.isDirectory(file)) {
            throw new RunRefused(file + ": is a folder; give one of its files");
        }
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        ObjectNode shown = describe(file);
        output.print(shown, out -> print(out, shown));
        return FissionFusion.DONE;
    }

    static ObjectNode describe(Path file) throws IOException {
        ObjectNode node = new ObjectMapper().createObjectNode();
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            node.put("file", file.toString()).put("bytes", Files.size(file));
            node.put("sha256", FileDigest.sha256(file)).put("weightsDigest", WeightsDigest.of(open));
            MeanOfWeights.firstNonFinite(open).ifPresent(tensor -> node.put("notFinite", tensor));
            ObjectNode metadata = node.putObject("metadata");
            new TreeMap<>(open.metadata()).forEach(metadata::put);
            ArrayNode tensors = node.putArray("tensors");
            long elements = 0;
            for (TensorSpec tensor : open.tensors()) {
                elements += tensor.elements();
                ArrayNode shape = tensors.addObject()
                        .put("name", tensor.name())
                        .put("dtype", tensor.dtype().name())
                        .putArray("shape");
                for (long side : tensor.shape()) {
                    shape.add(side);
                }
            }
            node.put("numbers", elements);
        }
        return node;
    }

    private static void print(PrintWriter out, ObjectNode shown) {
        out.printf(
                "%s: %,d bytes%n",
                shown.get("file").asText(), shown.get("bytes").asLong());
        out.println("sha256        " + shown.get("sha256").asText());
        out.println("weightsDigest " + shown.get("weightsDigest").asText());
        if (shown.has("notFinite")) {
            out.println("NOT FINITE    " + shown.get("notFinite").asText());
        }
        shown.get("metadata")
                .properties()
                .forEach(entry -> out.println(
                        "  " + entry.getKey() + ": " + entry.getValue().asText()));
        shown.get("tensors")
                .forEach(tensor -> out.printf(
                        "  %-48s %-5s %s%n",
                        tensor.get("name").asText(), tensor.get("dtype").asText(), tensor.get("shape")));
        out.printf(
                "%,d numbers in %d tensors%n",
                shown.get("numbers").asLong(), shown.get("tensors").size());
    }
}
