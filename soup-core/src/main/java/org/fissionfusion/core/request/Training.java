package org.fissionfusion.core.request;

import java.util.Optional;

/** Everything that is trained. */
public record Training(
        int batchSize,
        Optimizer optimizer,
        LinearProbe linearProbe,
        FineTune fineTune,
        Fission fission,
        Optional<GridSearch> gridSearch,
        Refinements refinements) {}
