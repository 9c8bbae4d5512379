package org.fissionfusion.vision.training;

import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;

/**
 * How images enter the network.
 *
 * @param imageSize height and width in pixels
 * @param augmentation of training images
 * @param batchSize images per step and per evaluated batch
 * @param workers threads that make training batches ahead; never changes a byte
 */
public record ImageInput(
        int imageSize, Normalisation normalisation, Augmentation augmentation, int batchSize, int workers) {
    public ImageInput {
        if (imageSize < 1 || batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException("imageSize %d, batchSize %d and workers %d must be positive"
                    .formatted(imageSize, batchSize, workers));
        }
    }
}
