package org.fissionfusion.core.request;

import java.util.List;
import java.util.OptionalDouble;

/** A fully resolved request: presets expanded, files named by digest. Its identity is {@link RequestDigest}. */
public record ExperimentRequest(
        String experimentId,
        ModelSpec model,
        DataSpec data,
        Selection selection,
        Training training,
        Leakage leakage,
        List<Strategy> strategies,
        OptionalDouble maxGpuSeconds) {
    public ExperimentRequest {
        strategies = List.copyOf(strategies);
    }

    /** SHA-256 over the resolved content, lower-case hexadecimal. */
    public String digest() {
        return RequestDigest.of(this);
    }
}
