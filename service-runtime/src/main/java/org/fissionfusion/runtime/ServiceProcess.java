package org.fissionfusion.runtime;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

/** A process that is one service. */
public final class ServiceProcess {
    private ServiceProcess() {}

    /** Starts a service from its configuration. */
    @FunctionalInterface
    public interface Start {
        Service start(ServiceConfig config);
    }

    /**
     * Runs a service until the process is stopped.
     *
     * @param arguments of the process: at most a properties file; the environment wins over it
     */
    public static void run(String[] arguments, Start start) throws IOException, InterruptedException {
        Properties properties = new Properties();
        if (arguments.length > 0) {
            try (var reader = Files.newBufferedReader(Path.of(arguments[0]))) {
                properties.load(reader);
            }
        }
        ServiceConfig config = ServiceConfig.from(properties, System.getenv());
        Logging.configure(Level.INFO, Optional.empty());
        Service service = start.start(config);
        HttpHealth health = HttpHealth.start(config.http(), service::faults, service::waitsFor);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            health.close();
            service.close();
            stopped.countDown();
        }));
        stopped.await();
    }
}
