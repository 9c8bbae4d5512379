package org.fissionfusion.runtime;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.fissionfusion.schemas.PoisonRecordException;

/** Sees the events of a topic in the order of each partition, on one thread. */
@FunctionalInterface
public interface EventListener<T> {

    void onEvent(Event<T> event);

    /** A record that can't be decoded; it is left out. */
    default void onPoison(ConsumerRecord<String, byte[]> record, PoisonRecordException cause) {
        org.slf4j.LoggerFactory.getLogger(EventListener.class)
                .atWarn()
                .addKeyValue("topic", record.topic())
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", cause.getMessage())
                .log("an undecodable record was left out");
    }
}
