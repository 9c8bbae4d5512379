package org.fissionfusion.local.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.InterruptException;

/** Processes of this machine, by name; each can be killed, frozen, stopped and started again. */
public final class Processes implements AutoCloseable {
    /** What a service may take that is told to stop. */
    public static final Duration STOPPED_WITHIN = Duration.ofSeconds(10);

    private final Path folder;
    private final Map<String, Program> programs = new TreeMap<>();
    private final Map<String, Process> running = new TreeMap<>();

    /**
     * What a process runs.
     *
     * @param options of its JVM
     */
    record Program(Role role, Class<?> main, List<String> options, List<String> arguments) {}

    /** @param folder for what the processes print */
    Processes(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder, e);
        }
    }

    synchronized void start(String name, Program program) {
        programs.put(name, program);
        start(name);
    }

    /** Starts what was killed or stopped under this name. */
    public synchronized void start(String name) {
        Program program = programs.get(name);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(program.options());
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(program.main().getName());
        command.addAll(program.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> key.startsWith("FISSIONFUSION_"));
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".out").toFile()));
        try {
            running.put(name, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    /** Names of the running processes of a role. */
    public synchronized List<String> names(Role role) {
        return running.keySet().stream()
                .filter(name -> programs.get(name).role() == role)
                .toList();
    }

    /** kill -9, and at once a new process under the old name. */
    public synchronized void killAndRestart(String name) {
        kill(name);
        start(name);
    }

    /** kill -9. */
    public synchronized void kill(String name) {
        Process process = running.remove(name);
        process.destroyForcibly();
        await(process, STOPPED_WITHIN);
    }

    /**
     * SIGTERM.
     *
     * @return false when it had not ended in time; it is killed then
     */
    public synchronized boolean stop(String name, Duration patience) {
        Process process = running.remove(name);
        process.destroy();
        boolean inTime = await(process, patience);
        process.destroyForcibly();
        return inTime;
    }

    /**
     * Waits until one ends by itself.
     *
     * @return its exit code
     */
    public int awaitEnd(String name, Duration patience) {
        Process process;
        synchronized (this) {
            process = running.get(name);
        }
        if (!await(process, patience)) {
            throw new IllegalStateException(name + " has not ended within " + patience.toSeconds() + " s");
        }
        return process.exitValue();
    }

    /** No heartbeat, no lock renewed, no answer, until it is {@link #thaw thawed}. */
    public void freeze(String name) {
        signal(name, "-STOP");
    }

    /** Lets a frozen process go on as if no time had passed. */
    public void thaw(String name) {
        signal(name, "-CONT");
    }

    private synchronized void signal(String name, String signal) {
        try {
            String pid = Long.toString(running.get(name).pid());
            await(new ProcessBuilder("kill", signal, pid).inheritIO().start(), STOPPED_WITHIN);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send " + signal + " to " + name, e);
        }
    }

    /** Processes that ended without being told to. */
    public synchronized List<String> ended() {
        List<String> names = new ArrayList<>();
        running.forEach((name, process) -> {
            if (!process.isAlive()) {
                names.add(name + " (exit code " + process.exitValue() + ", see " + folder.resolve(name + ".*") + ")");
            }
        });
        return names;
    }

    private static boolean await(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public synchronized void close() {
        running.values().forEach(Process::destroyForcibly);
        running.values().forEach(process -> await(process, STOPPED_WITHIN));
        running.clear();
    }
}
