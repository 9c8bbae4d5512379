package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.fissionfusion.vision.training.StepBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures training steps, the input pipeline, blending and safetensors files on this machine.")
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--architecture", defaultValue = "resnet20", description = "default: ${DEFAULT-VALUE}")
    private String architecture;

    @Option(names = "--batch", defaultValue = "128", description = "default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--steps", defaultValue = "40", description = "default: ${DEFAULT-VALUE}")
    private int steps;

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "default: ${DEFAULT-VALUE}")
    private List<Integer> threads;

    @Option(
            names = "--megabytes",
            defaultValue = "100",
            description = "size of one blended file, default: ${DEFAULT-VALUE}")
    private int megabytes;

    @Option(names = "--python", paramLabel = "PYTHON", description = "compare with PyTorch eager of this Python")
    private Path python;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode measured = new ObjectMapper().createObjectNode();
        for (int count : threads) {
            ObjectNode step = measured.withArray("trainingStep").addObject();
            double own = ownStep(count);
            step.put("architecture", architecture)
                    .put("batch", batch)
                    .put("threads", count)
                    .put("millis", own);
            step.put("imagesPerSecond", batch / own * 1e3);
            say(
                    out,
                    String.format(
                            Locale.ROOT,
                            "training step, %d threads: %.1f ms, %.0f images/s",
                            count,
                            own,
                            batch / own * 1e3));
            if (python != null) {
                double theirs = eagerStep(count);
                step.put("eagerMillis", theirs).put("ratio", theirs / own);
                say(
                        out,
                        String.format(
                                Locale.ROOT,
                                "  PyTorch eager: %.1f ms; %.2f times as fast as it",
                                theirs,
                                theirs / own));
            }
        }
        Throughput.pipeline(measured, architectureImages());
        say(
                out,
                String.format(
                        Locale.ROOT,
                        "input pipeline, heavy, 1 thread: %.0f images/s",
                        measured.get("pipelineImagesPerSecond").asDouble()));
        Path folder = Files.createTempDirectory("fissionfusion-bench");
        try {
            Throughput.files(measured, folder, megabytes);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        say(
                out,
                String.format(
                        Locale.ROOT,
                        "safetensors write: %.2f GB/s",
                        measured.get("writeGigabytesPerSecond").asDouble()));
        say(
                out,
                String.format(
                        Locale.ROOT,
                        "blending, cached input: %.2f GB/s",
                        measured.get("blendGigabytesPerSecond").asDouble()));
        if (json) {
            out.println(measured.toPrettyString());
        }
        out.flush();
        return FissionFusion.DONE;
    }

    private int architectureImages() {
        return Math.max(batch, 64) * 8;
    }

    private void say(PrintWriter out, String line) {
        if (!json) {
            out.println(line);
            out.flush();
        }
    }

    /** The engine's number of threads is fixed for a process: every number gets a process. */
    private double ownStep(int count) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StepBench.class.getName(),
                architecture,
                Integer.toString(batch),
                Integer.toString(count),
                Integer.toString(steps)));
        String answer = output(command, count);
        int at = answer.indexOf("median ");
        if (at < 0) {
            throw new IOException("the measuring process said: " + answer);
        }
        return Double.parseDouble(answer.substring(at + 7, answer.indexOf(' ', at + 7)));
    }

    private double eagerStep(int count) throws IOException, InterruptedException {
        Path script = Files.createTempFile("fissionfusion-eager", ".py");
        try (InputStream in = BenchCommand.class.getResourceAsStream("/org/fissionfusion/local/eager_step.py")) {
            Files.write(script, in.readAllBytes());
            return Double.parseDouble(output(
                            List.of(
                                    python.toString(),
                                    script.toString(),
                                    architecture,
                                    Integer.toString(batch),
                                    Integer.toString(count),
                                    Integer.toString(steps)),
                            count)
                    .strip());
        } finally {
            Files.delete(script);
        }
    }

    private static String output(List<String> command, int count) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(count));
        builder.environment().put("MKL_NUM_THREADS", Integer.toString(count));
        builder.redirectInput(new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null"));
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command.getFirst() + " ended with exit code " + process.exitValue());
        }
        return text;
    }
}
