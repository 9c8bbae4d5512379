package org.fissionfusion.local.chaos;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.fissionfusion.runtime.Logging;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;

/** One service in a process of its own, which ends with whoever started it. */
final class ServiceMain {
    private ServiceMain() {}

    /** Arguments: kind, name, bootstrap servers, store, folder, lock in seconds. */
    public static void main(String[] arguments) throws IOException {
        ServiceKind kind = ServiceKind.valueOf(arguments[0]);
        String name = arguments[1];
        Path folder = Path.of(arguments[4]);
        Duration lock = Duration.ofSeconds(Long.parseLong(arguments[5]));
        ServiceConfig config =
                ServiceConfig.local(arguments[2], Path.of(arguments[3]), new WorkerSettings(name, 1, lock));
        Logging.configure(Level.INFO, Optional.of(folder.resolveSibling(name + ".log")));
        Service service = kind.start(config, folder);
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        System.out.println("started");
        while (System.in.read() >= 0) {
            // the end of the input is the end of the parent
        }
        System.exit(0);
    }
}
