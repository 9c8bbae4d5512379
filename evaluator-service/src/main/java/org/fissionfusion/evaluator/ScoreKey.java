package org.fissionfusion.evaluator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationTask;

/**
 * Everything a score depends on. Two tasks with the same key have the same score, so it is computed and stored once.
 *
 * @param weightsDigest of the scored weights
 * @param dataDigest SHA-256 of the prepared set
 * @param findings what is made of undecided findings; empty where images are of one class each
 */
record ScoreKey(
        String weightsDigest,
        String architecture,
        int classes,
        int imageSize,
        List<Double> mean,
        List<Double> deviation,
        String split,
        String dataDigest,
        int bootstrapResamples,
        long bootstrapSeed,
        String findings) {

    /** Raised whenever resizing or normalising an evaluation image changes a bit. */
    private static final int PREPROCESSING_VERSION = 1;

    /** Raised whenever a metric or the bootstrap changes a bit. */
    private static final int METRIC_VERSION = 1;

    private static final String PRECISION = "fp32";

    static ScoreKey of(EvaluationTask task, DataSplit split, String weightsDigest) {
        return new ScoreKey(
                weightsDigest,
                task.getArchitecture(),
                task.getClasses(),
                task.getImageSize(),
                task.getMean(),
                task.getStd(),
                split.getName(),
                split.getFile().getSha256(),
                task.getBootstrapResamples(),
                task.getBootstrapSeed(),
                task.getFindings() == null
                        ? ""
                        : "\nfindings=" + task.getFindings().getUncertain() + "/"
                                + task.getFindings().getBlank());
    }

    /** The key of another score of the same split. */
    ScoreKey as(String otherSplit) {
        return new ScoreKey(
                weightsDigest,
                architecture,
                classes,
                imageSize,
                mean,
                deviation,
                otherSplit,
                dataDigest,
                bootstrapResamples,
                bootstrapSeed,
                findings);
    }

    /** Where the score lies in the store. */
    String objectKey() {
        return "scores/" + sha256(canonical()) + ".avro";
    }

    private String canonical() {
        String ofClasses = String.join(
                "\n",
                "weights=" + weightsDigest,
                "architecture=" + architecture,
                "classes=" + classes,
                "imageSize=" + imageSize,
                "mean=" + mean,
                "std=" + deviation,
                "split=" + split,
                "data=" + dataDigest,
                "bootstrap=" + bootstrapResamples + "/" + bootstrapSeed,
                "preprocessing=" + PREPROCESSING_VERSION,
                "metrics=" + METRIC_VERSION,
                "precision=" + PRECISION);
        return ofClasses + findings;
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
