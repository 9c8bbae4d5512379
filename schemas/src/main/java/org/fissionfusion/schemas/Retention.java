package org.fissionfusion.schemas;

import java.time.Duration;
import java.util.Map;

/** How long a topic keeps its records. */
public sealed interface Retention {

    /** Kept until a user deletes the topic. */
    record Forever() implements Retention {}

    /** Only the latest record of a key is kept. */
    record Compacted() implements Retention {}

    /** Kept for a time. */
    record For(Duration time) implements Retention {}

    /** The topic configuration that says so. */
    default Map<String, String> topicConfig() {
        return switch (this) {
            case Forever() -> Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");
            case Compacted() -> Map.of("cleanup.policy", "compact");
            case For(Duration time) ->
                Map.of(
                        "cleanup.policy",
                        "delete",
                        "retention.ms",
                        Long.toString(time.toMillis()),
                        "retention.bytes",
                        "-1");
        };
    }
}
