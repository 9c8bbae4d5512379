package org.fissionfusion.core.experiment;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.request.Augmentation;
import org.fissionfusion.core.request.StoredFile;

/** What a task asks a worker to do. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Work.Preflight.class, name = "preflight"),
    @JsonSubTypes.Type(value = Work.Probe.class, name = "probe"),
    @JsonSubTypes.Type(value = Work.FineTune.class, name = "fine-tune"),
    @JsonSubTypes.Type(value = Work.Fission.class, name = "fission"),
    @JsonSubTypes.Type(value = Work.Reestimate.class, name = "reestimate"),
    @JsonSubTypes.Type(value = Work.Score.class, name = "score"),
    @JsonSubTypes.Type(value = Work.Persist.class, name = "persist"),
    @JsonSubTypes.Type(value = Work.Serve.class, name = "serve"),
    @JsonSubTypes.Type(value = Work.Compare.class, name = "compare")
})
public sealed interface Work {

    /** Work for a trainer. */
    sealed interface Trained extends Work {
        Stage stage();

        double learningRate();

        Augmentation augmentation();

        long seed();
    }

    /** Check the request's files before anything trains. */
    record Preflight() implements Work {}

    /** Train the head alone. */
    record Probe(double learningRate, Augmentation augmentation, long seed) implements Trained {
        @Override
        public Stage stage() {
            return Stage.LINEAR_PROBE;
        }
    }

    /** Train one base model from the probe. */
    record FineTune(double learningRate, Augmentation augmentation, long seed, boolean inFissionPool)
            implements Trained {
        @Override
        public Stage stage() {
            return Stage.FINE_TUNE;
        }
    }

    /** Train one base model on with a cyclical rate. */
    record Fission(String baseId, double learningRate, Augmentation augmentation, long seed) implements Trained {
        @Override
        public Stage stage() {
            return Stage.FISSION;
        }
    }

    /**
     * Estimate the BatchNorm statistics of a blended soup anew on training data.
     *
     * @param seed of the order in which the images are seen
     */
    record Reestimate(String soupId, long seed) implements Trained {
        @Override
        public Stage stage() {
            return Stage.BATCH_NORM;
        }

        @Override
        public double learningRate() {
            return 0;
        }

        @Override
        public Augmentation augmentation() {
            return Augmentation.NONE;
        }
    }

    /**
     * Score the mean of the recipe, on validation or on the sealed splits.
     *
     * @param soupSoFar predictions of the soup that the recipe is compared with, where the acceptance rule does so
     */
    record Score(Recipe recipe, boolean sealedSplits, Optional<StoredFile> soupSoFar) implements Work {
        static Score onValidation(Recipe recipe) {
            return new Score(recipe, false, Optional.empty());
        }
    }

    /**
     * Write the soup's file.
     *
     * @param reestimated true: that of its form with other BatchNorm statistics
     */
    record Persist(String soupId, boolean reestimated) implements Work {}

    /** Score a persisted soup on the sealed splits and write its result document. */
    record Serve(String soupId) implements Work {}

    /** Compare the strategies' global soups. */
    record Compare(List<String> soupIds) implements Work {
        public Compare {
            soupIds = List.copyOf(soupIds);
        }
    }
}
