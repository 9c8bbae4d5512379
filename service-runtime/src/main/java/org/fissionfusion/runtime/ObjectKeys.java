package org.fissionfusion.runtime;

import java.util.stream.Stream;

/** What may be a key: the same for every store. */
final class ObjectKeys {
    private ObjectKeys() {}

    /** @throws IllegalArgumentException when it is empty, or has empty parts, or parts that start with a dot */
    static String require(String key) {
        if (key.isBlank() || Stream.of(key.split("/", -1)).anyMatch(part -> part.isEmpty() || part.startsWith("."))) {
            throw new IllegalArgumentException("not a key of the store: '" + key + "'");
        }
        return key;
    }
}
