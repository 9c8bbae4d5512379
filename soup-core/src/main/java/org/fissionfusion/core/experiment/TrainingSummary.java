package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Map;

/** What a finished training task cost and how it went. */
public record TrainingSummary(
        int epochs,
        long images,
        double seconds,
        boolean stoppedEarly,
        List<EpochLog> log,
        Map<String, String> platform) {
    public TrainingSummary {
        log = List.copyOf(log);
        platform = Map.copyOf(platform);
    }
}
