package org.fissionfusion.souper;

import java.time.Duration;
import java.time.Instant;
import org.fissionfusion.core.view.ExperimentView;

/**
 * What a follower knows of an experiment at a moment.
 *
 * @param sequence number of journal entries behind the view
 * @param first time of the first of them, by the clock of the souper
 * @param last time of the last
 */
public record FollowedExperiment(ExperimentView view, long sequence, Instant first, Instant last) {

    /** From the request to the last thing that happened. */
    public Duration elapsed() {
        return Duration.between(first, last);
    }
}
