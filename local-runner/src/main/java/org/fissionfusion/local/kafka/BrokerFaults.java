package org.fissionfusion.local.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Exit;

/**
 * A broker ends its JVM on a fatal fault (a full disk, a broken log). Here that would end the whole program without a
 * word, so the exits are caught and told to whoever runs a broker. The procedures are one per JVM, hence static.
 */
final class BrokerFaults {
    private static final long NEXT_TO_NOTHING = 16L * 1024 * 1024;
    private static final Map<Path, Consumer<String>> LISTENERS = new ConcurrentHashMap<>();

    private BrokerFaults() {}

    /** Ends the broker's thread that asked for the end of the JVM. */
    private static final class BrokerExit extends Error {
        private static final long serialVersionUID = 1L;

        BrokerExit(String message) {
            super(message);
        }
    }

    static void listen(Path folder, Consumer<String> listener) {
        LISTENERS.put(folder, listener);
        Exit.setExitProcedure(BrokerFaults::report);
        Exit.setHaltProcedure(BrokerFaults::report);
    }

    static void forget(Path folder) {
        LISTENERS.remove(folder);
    }

    private static void report(int status, String message) {
        LISTENERS.forEach((folder, listener) -> listener.accept(describe(folder, status, message)));
        throw new BrokerExit("the embedded broker asked to end the program with status " + status);
    }

    private static String describe(Path folder, int status, String message) {
        String why = Optional.ofNullable(message).map(text -> ": " + text).orElse("");
        try {
            long left = Files.getFileStore(folder).getUsableSpace();
            if (left < NEXT_TO_NOTHING) {
                return "disk full: the embedded Kafka broker stopped because only %d KiB are left for %s; free some space and start again"
                        .formatted(left / 1024, folder);
            }
        } catch (IOException e) {
            return "the embedded Kafka broker stopped because %s can't be used (%s)".formatted(folder, e.getMessage());
        }
        return "the embedded Kafka broker stopped on a fatal fault (status %d)%s; its files are in %s"
                .formatted(status, why, folder);
    }
}
