package org.fissionfusion.core.request;

import java.util.List;

/** The second pool: every fine-tuning rate × these augmentations × these seeds. */
public record GridSearch(List<Augmentation> augmentations, List<Long> seeds) {
    public GridSearch {
        augmentations = List.copyOf(augmentations);
        seeds = List.copyOf(seeds);
    }
}
