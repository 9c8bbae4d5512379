package org.fissionfusion.runtime;

import java.time.Instant;
import java.util.Optional;

/**
 * One record of a topic, decoded.
 *
 * @param value empty for a deletion in a compacted topic
 */
public record Event<T>(String key, Optional<T> value, int partition, long offset, Instant time) {}
