package org.fissionfusion.local.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * A process that takes some steps for every line it is sent and answers with the wall and processor milliseconds of
 * each, so that two processes can take turns and whatever else runs on the machine disturbs both alike.
 */
final class TimedProcess implements AutoCloseable {
    private static final String ANSWER = "times:";
    /** What the launcher sets for this engine; PyTorch is measured as a user runs it. */
    private static final List<String> TUNING =
            List.of("GOMP_SPINCOUNT", "MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_MAX_");

    private final String name;
    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private final List<Double> wall = new ArrayList<>();
    private final List<Double> processor = new ArrayList<>();

    private TimedProcess(List<String> command, int threads, List<String> unset) throws IOException {
        this.name = command.getFirst();
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeAll(unset);
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.put("MKL_NUM_THREADS", Integer.toString(threads));
        this.process = builder.start();
        this.in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** A main class in a virtual machine like this one. */
    static TimedProcess java(Class<?> main, int threads, String... arguments) throws IOException {
        List<String> command = javaCommand(main);
        command.addAll(List.of(arguments));
        return new TimedProcess(command, threads, List.of());
    }

    /** The command that runs a main class with the options and the class path of this virtual machine. */
    static List<String> javaCommand(Class<?> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        return command;
    }

    /** A script of the class path in a Python; it is copied to a file there. */
    static TimedProcess python(Path python, Path folder, String script, int threads, String... arguments)
            throws IOException {
        Path file = folder.resolve(script);
        try (InputStream from = TimedProcess.class.getResourceAsStream("/org/fissionfusion/local/" + script)) {
            Files.write(file, from.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of(python.toString(), file.toString()));
        command.addAll(List.of(arguments));
        return new TimedProcess(command, threads, TUNING);
    }

    /** Lets it take its steps and waits for them. */
    void round() throws IOException {
        in.write('\n');
        in.flush();
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(ANSWER)) {
                StringTokenizer times = new StringTokenizer(line.substring(ANSWER.length()), " /");
                while (times.hasMoreTokens()) {
                    wall.add(Double.parseDouble(times.nextToken()));
                    processor.add(Double.parseDouble(times.nextToken()));
                }
                return;
            }
            said.append(line).append('\n');
        }
        throw new IOException(name + " ended without an answer: " + said);
    }

    /** Its largest resident size so far, or 0 where that is not known. */
    long peakKilobytes() {
        return ResidentSize.peakKilobytes(process.pid());
    }

    double medianMillis() {
        return median(wall);
    }

    double medianProcessorMillis() {
        return median(processor);
    }

    private static double median(List<Double> times) {
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
    }

    /** Closes its input, which ends it; nothing is thrown, so that whoever closes several closes all. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // it ended before, as its last round told
        } finally {
            process.destroy();
        }
    }
}
