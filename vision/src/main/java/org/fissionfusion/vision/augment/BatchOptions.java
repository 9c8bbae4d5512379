package org.fissionfusion.vision.augment;

/**
 * What batches look like and who makes them.
 *
 * @param imageSize height and width of the network's input
 * @param batchSize images per batch; the last batch of an epoch may be smaller
 * @param seed orders and augments together with the epoch and the image index
 * @param workers threads that make batches ahead of their use; never changes a byte of them
 */
public record BatchOptions(
        int imageSize,
        Normalisation normalisation,
        Augmentation augmentation,
        BatchOrder order,
        int batchSize,
        long seed,
        int workers) {
    public BatchOptions {
        if (imageSize < 1 || batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException("imageSize, batchSize and workers must be positive: %d, %d, %d"
                    .formatted(imageSize, batchSize, workers));
        }
    }

    /** Shuffled and augmented. */
    public static BatchOptions training(
            int imageSize, Normalisation normalisation, Augmentation augmentation, int batchSize, long seed) {
        return new BatchOptions(imageSize, normalisation, augmentation, BatchOrder.SHUFFLED, batchSize, seed, 1);
    }

    /** In stored order, resized and normalised only. */
    public static BatchOptions evaluation(int imageSize, Normalisation normalisation, int batchSize) {
        return new BatchOptions(imageSize, normalisation, Augmentation.NONE, BatchOrder.STORED, batchSize, 0, 1);
    }

    public BatchOptions withOrder(BatchOrder wanted) {
        return new BatchOptions(imageSize, normalisation, augmentation, wanted, batchSize, seed, workers);
    }

    public BatchOptions withWorkers(int threads) {
        return new BatchOptions(imageSize, normalisation, augmentation, order, batchSize, seed, threads);
    }
}
