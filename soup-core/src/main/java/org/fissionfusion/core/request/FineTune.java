package org.fissionfusion.core.request;

import java.util.List;
import java.util.Optional;

/** The base models: one per learning rate. */
public record FineTune(
        int epochs,
        List<Double> learningRates,
        Augmentation augmentation,
        long seed,
        Optional<EarlyStopping> earlyStop) {
    public FineTune {
        learningRates = List.copyOf(learningRates);
    }
}
