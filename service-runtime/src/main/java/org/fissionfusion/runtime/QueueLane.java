package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One topic of a work queue, through a share consumer that is made when it is first needed and again after a close.
 *
 * <p>A share consumer that was polled in vain goes on asking in the background until it has a record, which then stays
 * with it whether or not it is polled again. Closing is the only way to leave the records to others.
 */
final class QueueLane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueLane.class);
    private static final Duration COMMIT = Duration.ofSeconds(10);
    private static final Duration LAST_COMMIT = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final String topic;
    private final String group;
    private ShareConsumer<String, byte[]> consumer;

    QueueLane(KafkaClients clients, String topic, String group) {
        this.clients = clients;
        this.topic = topic;
        this.group = group;
    }

    ConsumerRecords<String, byte[]> poll(Duration patience) {
        if (consumer == null) {
            consumer = clients.shareConsumer("queue-" + topic, group);
            consumer.subscribe(List.of(topic));
        }
        return ShareFetches.poll(consumer, patience);
    }

    /** How long a record stays with its consumer, as the broker says. */
    Optional<Duration> lock() {
        return consumer.acquisitionLockTimeoutMs().map(Duration::ofMillis);
    }

    /**
     * Tells the broker what becomes of a record.
     *
     * @param last true when there is little time left
     * @return false when the broker did not take it: the lock was lost
     */
    boolean acknowledge(ConsumerRecord<String, byte[]> record, AcknowledgeType type, boolean last) {
        Optional<KafkaException> failure;
        try {
            consumer.acknowledge(record, type);
            Map<?, Optional<KafkaException>> answers = consumer.commitSync(last ? LAST_COMMIT : COMMIT);
            failure = answers.values().stream().flatMap(Optional::stream).findFirst();
        } catch (KafkaException | IllegalStateException e) {
            failure = Optional.of(new KafkaException(e));
        }
        failure.ifPresent(e -> LOG.atWarn()
                .addKeyValue("taskId", record.key())
                .addKeyValue("acknowledgement", type)
                .addKeyValue("reason", e.getMessage())
                .log("an acknowledgement was not taken, the record will come again"));
        return failure.isEmpty();
    }

    /**
     * Renews the lock; the next poll then returns the record again.
     *
     * @return the record, unless its lock was lost
     */
    Optional<ConsumerRecord<String, byte[]>> renewed(
            ConsumerRecord<String, byte[]> record, Duration patience, boolean last) {
        if (!acknowledge(record, AcknowledgeType.RENEW, last)) {
            return Optional.empty();
        }
        for (int attempt = 0; attempt < 4; attempt++) {
            for (ConsumerRecord<String, byte[]> again : poll(patience)) {
                if (again.partition() == record.partition() && again.offset() == record.offset()) {
                    return Optional.of(again);
                }
                acknowledge(again, AcknowledgeType.RELEASE, last);
            }
        }
        return Optional.empty();
    }

    /** Leaves the group; records that nobody saw are free for others at once. */
    @Override
    public void close() {
        if (consumer != null) {
            consumer.close(CLOSING);
            consumer = null;
        }
    }
}
