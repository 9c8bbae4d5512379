package org.fissionfusion.evaluator;

import java.util.Optional;
import org.fissionfusion.events.FindingsSpec;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.FindingsPolicy;

/** What events say of undecided findings, as the sets understand it. */
final class Findings {
    private Findings() {}

    /**
     * The policy of a task; empty where images are of one class each.
     *
     * @throws TaskRefused when it is unknown to this evaluator
     */
    static Optional<FindingsPolicy> policy(FindingsSpec spec) {
        try {
            return Optional.ofNullable(spec)
                    .map(it -> FindingsPolicy.named(
                            it.getUncertain().name(), it.getBlank().name()));
        } catch (IllegalArgumentException e) {
            throw new TaskRefused(e.getMessage(), e);
        }
    }
}
