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

/** Services as processes of this machine, by name; each can be killed, frozen, stopped and started again. */
public final class ServiceProcesses implements AutoCloseable {
    /** Short, so that the task of a killed worker comes back soon. */
    static final Duration LOCK = Duration.ofSeconds(4);

    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(10);

    private final Path folder;
    private final Path store;
    private final String bootstrapServers;
    private final Map<String, Running> running = new TreeMap<>();

    private record Running(ServiceKind kind, Process process) {}

    /** @param folder for logs and for what a service keeps on its disk */
    ServiceProcesses(Path folder, Path store, String bootstrapServers) {
        this.folder = folder;
        this.store = store;
        this.bootstrapServers = bootstrapServers;
    }

    /** Starts a service; a name that was used before comes back to its folder. */
    public synchronized void start(ServiceKind kind, String name) {
        start(kind, name, bootstrapServers);
    }

    /** @param through servers that stand between this service and the brokers */
    synchronized void start(ServiceKind kind, String name, String through) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ServiceMain.class.getName(),
                kind.name(),
                name,
                through,
                store.toString(),
                folder.resolve(name).toString(),
                Long.toString(LOCK.toSeconds()));
        try {
            Files.createDirectories(folder.resolve(name));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("OMP_NUM_THREADS", "1");
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(
                    folder.resolve(name + ".out").toFile()));
            running.put(name, new Running(kind, builder.start()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    /** Names of the running services of a kind. */
    public synchronized List<String> names(ServiceKind kind) {
        List<String> names = new ArrayList<>();
        running.forEach((name, one) -> {
            if (one.kind() == kind) {
                names.add(name);
            }
        });
        return names;
    }

    /** kill -9, and at once a new process under the old name. */
    public synchronized void killAndRestart(String name) {
        ServiceKind kind = kill(name);
        start(kind, name);
    }

    /** kill -9. */
    public synchronized ServiceKind kill(String name) {
        Running one = running.remove(name);
        one.process().destroyForcibly();
        await(one.process(), STOPPED_WITHIN);
        return one.kind();
    }

    /**
     * SIGTERM.
     *
     * @return false when it had not ended ten seconds later; it is killed then
     */
    public synchronized boolean stop(String name) {
        Running one = running.remove(name);
        one.process().destroy();
        boolean inTime = await(one.process(), STOPPED_WITHIN);
        one.process().destroyForcibly();
        return inTime;
    }

    /** Stops its clock: no heartbeat, no lock renewed, no answer, until it is {@link #thaw thawed}. */
    public void freeze(String name) {
        signal(name, "-STOP");
    }

    /** Lets a frozen process go on as if no time had passed. */
    public void thaw(String name) {
        signal(name, "-CONT");
    }

    private synchronized void signal(String name, String signal) {
        try {
            String pid = Long.toString(running.get(name).process().pid());
            await(new ProcessBuilder("kill", signal, pid).inheritIO().start(), STOPPED_WITHIN);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send " + signal + " to " + name, e);
        }
    }

    /** Services that ended without being told to. */
    public synchronized List<String> ended() {
        List<String> names = new ArrayList<>();
        running.forEach((name, one) -> {
            if (!one.process().isAlive()) {
                names.add(name + " (exit code " + one.process().exitValue() + ", see " + folder.resolve(name + ".log")
                        + ")");
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
        running.values().forEach(one -> one.process().destroyForcibly());
        running.values().forEach(one -> await(one.process(), STOPPED_WITHIN));
        running.clear();
    }
}
