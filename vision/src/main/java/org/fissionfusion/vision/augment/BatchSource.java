package org.fissionfusion.vision.augment;

import java.util.Optional;
import org.fissionfusion.vision.images.PreparedSet;

/**
 * Makes the batches of one set, epoch after epoch, ahead of their use.
 *
 * <pre>{@code
 * try (BatchSource source = new BatchSource(set, options)) {
 *     source.startEpoch(1);
 *     for (Optional<Batch> batch = source.next(); batch.isPresent(); batch = source.next()) { ... }
 * }
 * }</pre>
 *
 * <p>Used by one thread at a time. Does not close the set.
 */
public final class BatchSource implements AutoCloseable {
    private final PreparedSet set;
    private final BatchOptions options;

    public BatchSource(PreparedSet set, BatchOptions options) {
        this.set = set;
        this.options = options;
    }

    public int batchesPerEpoch() {
        return Math.ceilDiv(set.size(), options.batchSize());
    }

    /** Begins an epoch at its first batch. */
    public void startEpoch(int epoch) {
        startEpoch(epoch, 0);
    }

    /** Begins an epoch at a later batch, abandoning the one before. */
    public void startEpoch(int epoch, int firstBatch) {
        throw new UnsupportedOperationException();
    }

    /** The next batch, or empty at the end of the epoch. The batch handed out before is no longer valid. */
    public Optional<Batch> next() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
