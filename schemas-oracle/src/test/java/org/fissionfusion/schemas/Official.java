package org.fissionfusion.schemas;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** Confluent's classes, which {@code -Poracle} fetches. */
final class Official {
    private Official() {}

    static void assumeThere() {
        assumeTrue(
                OfficialSerde.isOnTheClassPath(),
                "the official serializer is not there: build with -Poracle, which fetches it");
    }

    static Serializer<Object> serializer(Map<String, ?> config) {
        return OfficialSerde.serializer(config);
    }

    static Deserializer<Object> deserializer(Map<String, ?> config, boolean specific) {
        Map<String, Object> with = new HashMap<>(config);
        with.put("specific.avro.reader", specific);
        return OfficialSerde.deserializer(with);
    }
}
