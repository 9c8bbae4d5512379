package org.fissionfusion.runtime;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a worker takes its tasks.
 *
 * @param name of the worker, in results and logs
 * @param threads of computation
 * @param lock how long a task stays with a worker that is silent; renewed three times as often
 * @param device of computation: {@code cpu}, {@code cuda} (its first GPU) or {@code cuda:N}
 * @param folder for the files of the running task, and for the souper's state; all of it can be lost
 */
public record WorkerSettings(String name, int threads, Duration lock, String device, Path folder) {
    /** The device of computation unless configured. */
    public static final String CPU = "cpu";

    /** On the CPU, with a folder below the system's for temporary files. */
    public WorkerSettings(String name, int threads, Duration lock) {
        this(name, threads, lock, CPU, defaultFolder(name));
    }

    static Path defaultFolder(String name) {
        return Path.of(System.getProperty("java.io.tmpdir"), "fissionfusion", name);
    }

    public WorkerSettings {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
            throw new ConfigException("worker.name", name, "letters, digits, '.', '_' and '-', at most 100");
        }
        if (threads < 1) {
            throw new ConfigException("worker.threads", Integer.toString(threads), "a whole number from 1");
        }
        if (lock.compareTo(Duration.ofSeconds(1)) < 0 || lock.compareTo(Duration.ofHours(1)) > 0) {
            throw new ConfigException("worker.lock.duration", lock.toString(), "from 1s to 1h, e.g. 30s");
        }
        if (!device.matches("cpu|cuda(:\\d{1,3})?")) {
            throw new ConfigException("worker.device", device, "cpu, cuda or cuda:N, the number of a GPU from 0");
        }
    }
}
