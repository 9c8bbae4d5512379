package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.schemas.Topic;

/**
 * Which queue a worker takes tasks from, and how.
 *
 * @param topic the queue
 * @param first a second topic of the queue whose tasks go before those of the other
 * @param group the share group; all workers of a group share the tasks
 * @param lock how long a task stays with a silent worker
 * @param deliveryLimit after so many deliveries the broker drops a record without a word; at most what it allows
 */
public record QueueSettings<T extends SpecificRecord>(
        Topic<T> topic, Optional<Topic<T>> first, String group, Duration lock, int deliveryLimit) {

    /** Kafka's own upper limit without a change of the broker. */
    public static final int DEFAULT_DELIVERY_LIMIT = 10;

    /** Deliveries left for saying so, should the worker that says so die as well. */
    private static final int SPARE = 2;

    public QueueSettings {
        if (deliveryLimit < SPARE + 2) {
            throw new IllegalArgumentException(
                    "deliveryLimit must be at least " + (SPARE + 2) + ", not " + deliveryLimit);
        }
    }

    /** True once a record was delivered so often without an end that its task has failed. */
    boolean isExhausted(int deliveries) {
        return deliveries >= deliveryLimit - SPARE;
    }

    public QueueSettings(Topic<T> topic, String group, Duration lock) {
        this(topic, Optional.empty(), group, lock, DEFAULT_DELIVERY_LIMIT);
    }
}
