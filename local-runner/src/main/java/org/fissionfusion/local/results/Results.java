package org.fissionfusion.local.results;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * The content of results.json, which docs/results.md documents. Scores map a split to metrics; a metric that is
 * undefined is absent.
 *
 * @param version of this format
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Results(
        int version,
        String experiment,
        String requestDigest,
        Selection selection,
        List<Split> splits,
        List<Checkpoint> checkpoints,
        List<Soup> soups,
        List<Task> tasks,
        List<Comparison> comparisons,
        Cost cost,
        Map<String, String> versions,
        List<String> notes) {

    /** The current version of the format. */
    public static final int VERSION = 1;

    /** How the winner of a comparison was chosen. */
    public record Selection(String metric) {}

    /** A data set that was scored on, with the digest of its prepared file. */
    public record Split(String name, boolean sealed, String sha256) {}

    /** A value with its 95 % interval. */
    public record Value(double value, double low, double high) {}

    /** A trained model. {@code file} is relative to the folder of results.json. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Checkpoint(
            String id,
            String pool,
            String stage,
            double learningRate,
            String augmentation,
            long seed,
            int cycle,
            int epoch,
            String file,
            String sha256,
            String weightsDigest,
            Map<String, Map<String, Value>> scores) {}

    /** A soup; {@code ingredients} in ranking order. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Soup(
            String id,
            String name,
            String level,
            Map<String, Object> group,
            String method,
            List<Ingredient> ingredients,
            String file,
            String sha256,
            String weightsDigest,
            Map<String, Map<String, Value>> scores,
            long tastings,
            long epochs) {}

    /** What was offered to a soup; {@code tasted} is the soup's score with it, where the method tastes. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Ingredient(String id, Double tasted, boolean accepted) {}

    /** One training task with its log; {@code failure} says why it ended early. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Task(
            String id,
            String stage,
            double learningRate,
            String augmentation,
            long seed,
            double seconds,
            long images,
            String failure,
            List<Epoch> epochs) {}

    /** One row of a training log. */
    public record Epoch(
            int epoch, double learningRate, double trainLoss, double validationLoss, double validationAccuracy) {}

    /** One strategy against a baseline on the same resamples. */
    public record Comparison(
            String split,
            String strategy,
            String baseline,
            Double delta,
            Double low,
            Double high,
            Double p,
            Double holm) {}

    /** The cost ledger; {@code ratio} is plannedGridEpochs over plannedEpochs. */
    public record Cost(
            int plannedEpochs,
            int spentEpochs,
            int probeEpochs,
            int gridEpochs,
            int plannedGridEpochs,
            double ratio,
            long images,
            Map<String, Double> seconds) {}
}
