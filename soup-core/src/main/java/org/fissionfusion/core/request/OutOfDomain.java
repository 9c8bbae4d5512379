package org.fissionfusion.core.request;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An out-of-domain set as a request names it.
 *
 * @param labels its classes to those of the domain trained on, or to {@link #IGNORE}; empty when they are the same
 * @param sample share of its images that is scored, above 0, at most 1
 * @param sampleSeed which images those are
 */
public record OutOfDomain(String path, Map<String, String> labels, double sample, long sampleSeed) {
    /** Stands where a class has no counterpart; its images are left out. */
    public static final String IGNORE = "ignore";

    public OutOfDomain {
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    /** A set of the same classes, whole. */
    public static OutOfDomain whole(String path) {
        return new OutOfDomain(path, Map.of(), 1, 0);
    }
}
