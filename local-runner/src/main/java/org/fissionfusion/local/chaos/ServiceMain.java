package org.fissionfusion.local.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.fissionfusion.runtime.ServiceProcess;

/** One service as in its own image, but that it also ends with whoever started it. */
final class ServiceMain {
    private ServiceMain() {}

    /** Arguments: the role, the file with the service's configuration. */
    public static void main(String[] arguments) {
        Role role = Role.valueOf(arguments[0]);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // the end of the input is the end of the parent
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            System.exit(ServiceProcess.FAILED);
        });
        System.exit(ServiceProcess.run(role.service(), Optional.of(Path.of(arguments[1])), role::launch));
    }
}
