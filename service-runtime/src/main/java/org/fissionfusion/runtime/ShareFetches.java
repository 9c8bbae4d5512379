package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls a share group. Kafka 4.3.1 throws an {@link IllegalStateException} for every error of a fetch that it does not
 * know by name, also for those that pass, such as a share coordinator that a busy broker answers too late for.
 */
final class ShareFetches {
    private static final Logger LOG = LoggerFactory.getLogger(ShareFetches.class);
    private static final Pattern UNEXPECTED = Pattern.compile("Unexpected error code (-?[0-9]+) .*");

    private ShareFetches() {}

    /** The next records; none when the fetch met an error that passes. */
    static ConsumerRecords<String, byte[]> poll(ShareConsumer<String, byte[]> consumer, Duration patience) {
        try {
            return consumer.poll(patience);
        } catch (IllegalStateException e) {
            if (!passes(e)) {
                throw e;
            }
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("a fetch met an error that passes");
            return ConsumerRecords.empty();
        }
    }

    /** True for an error code of which Kafka says that trying again may help. */
    static boolean passes(IllegalStateException thrown) {
        Matcher error = UNEXPECTED.matcher(String.valueOf(thrown.getMessage()));
        return error.matches()
                && Errors.forCode(Short.parseShort(error.group(1))).exception() instanceof RetriableException;
    }
}
