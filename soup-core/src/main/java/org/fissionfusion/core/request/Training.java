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
        Refinements refinements) {
    /** Seeds of repeats and, where there are repeats, of the grid search are below this. */
    static final long REPEATABLE_SEEDS = 1_000_000;

    /**
     * The same training from another seed, which the linear probe and fine-tuning take. A grid-search seed that was
     * fine-tuning's stays so; the others become seeds of this repeat alone: (seed + 1) · 1,000,000 + their own.
     */
    Training reseeded(long seed) {
        FineTune tuned = new FineTune(
                fineTune.epochs(), fineTune.learningRates(), fineTune.augmentation(), seed, fineTune.earlyStop());
        Optional<GridSearch> grid = gridSearch.map(search -> new GridSearch(
                search.augmentations(),
                search.seeds().stream()
                        .map(own -> own == fineTune.seed() ? seed : (seed + 1) * REPEATABLE_SEEDS + own)
                        .toList()));
        return new Training(batchSize, optimizer, linearProbe, tuned, fission, grid, refinements);
    }
}
