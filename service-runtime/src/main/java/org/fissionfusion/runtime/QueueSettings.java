package org.fissionfusion.runtime;

import java.time.Duration;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.schemas.Topic;

/**
 * Which queue a worker takes tasks from, and how.
 *
 * @param topic the queue
 * @param group the share group; all workers of a group share the tasks
 * @param lock how long a task stays with a silent worker
 * @param deliveryLimit after so many deliveries a task has failed; at most what the broker allows
 */
public record QueueSettings<T extends SpecificRecord>(Topic<T> topic, String group, Duration lock, int deliveryLimit) {

    /** Kafka's own upper limit without a change of the broker. */
    public static final int DEFAULT_DELIVERY_LIMIT = 10;

    public QueueSettings {
        if (deliveryLimit < 2) {
            throw new IllegalArgumentException("deliveryLimit must be at least 2, not " + deliveryLimit);
        }
    }

    public QueueSettings(Topic<T> topic, String group, Duration lock) {
        this(topic, group, lock, DEFAULT_DELIVERY_LIMIT);
    }
}
