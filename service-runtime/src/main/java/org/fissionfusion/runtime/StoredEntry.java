package org.fissionfusion.runtime;

import java.time.Instant;

/**
 * What a listing tells of an object.
 *
 * @param key below the store's root
 * @param bytes its length
 * @param modified when it was stored, by the store's clock
 */
public record StoredEntry(String key, long bytes, Instant modified) {}
