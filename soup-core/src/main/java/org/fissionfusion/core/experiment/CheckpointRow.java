package org.fissionfusion.core.experiment;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.request.Augmentation;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.core.request.Strategy.Pool;

/** An expected, saved, scored or lost checkpoint. {@code cycle} is 0 for a base model. */
public record CheckpointRow(
        String id,
        Stage stage,
        List<Pool> pools,
        double learningRate,
        Augmentation augmentation,
        long seed,
        int cycle,
        Status status,
        String reason,
        Optional<Saved> saved,
        List<SplitScore> scores) {
    public CheckpointRow {
        pools = List.copyOf(pools);
        scores = List.copyOf(scores);
    }

    /** Where a checkpoint stands. */
    public enum Status {
        EXPECTED,
        SAVED,
        SCORED,
        LOST
    }

    /** The saved file. */
    public record Saved(
            int epoch,
            StoredFile file,
            String weightsDigest,
            Optional<StoredFile> optimizerState,
            double validationLoss) {}

    static CheckpointRow expected(
            String id,
            Stage stage,
            List<Pool> pools,
            double learningRate,
            Augmentation augmentation,
            long seed,
            int cycle) {
        return new CheckpointRow(
                id,
                stage,
                pools,
                learningRate,
                augmentation,
                seed,
                cycle,
                Status.EXPECTED,
                "",
                Optional.empty(),
                List.of());
    }

    CheckpointRow saved(Saved file) {
        return with(Status.SAVED, "", Optional.of(file), scores);
    }

    CheckpointRow scored(List<SplitScore> more) {
        List<SplitScore> all = new java.util.ArrayList<>(scores);
        all.addAll(more);
        return with(Status.SCORED, reason, saved, all);
    }

    CheckpointRow lost(String why) {
        return with(Status.LOST, why, saved, scores);
    }

    private CheckpointRow with(Status status, String reason, Optional<Saved> saved, List<SplitScore> scores) {
        return new CheckpointRow(
                id, stage, pools, learningRate, augmentation, seed, cycle, status, reason, saved, scores);
    }

    /** True when no more is awaited before souping. */
    public boolean settled() {
        return status == Status.SCORED || status == Status.LOST;
    }

    /** The score on this split, once known. */
    public Optional<SplitScore> score(String split) {
        return scores.stream().filter(score -> score.split().equals(split)).findFirst();
    }
}
