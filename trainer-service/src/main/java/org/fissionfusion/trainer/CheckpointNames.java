package org.fissionfusion.trainer;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.events.TrainingTask;

/**
 * How checkpoints are called and what is written into their files. Nothing here depends on a clock, a worker or the
 * attempt: a repeated task makes the same bytes.
 */
final class CheckpointNames {
    private static final String FISSION_SUFFIX = "/fission";

    private CheckpointNames() {}

    /** The id of the checkpoint: the task's own, or for a fission line its base model's with the cycle. */
    static String checkpointId(TrainingTask task, int cycle) {
        return switch (task.getStage()) {
            case LINEAR_PROBE, FINE_TUNE, BATCH_NORM -> task.getTaskId();
            case FISSION -> baseOf(task.getTaskId()) + "/cycle=" + cycle;
            case UNKNOWN -> throw new IllegalArgumentException("stage: unknown to this trainer");
        };
    }

    private static String baseOf(String taskId) {
        if (!taskId.endsWith(FISSION_SUFFIX)) {
            throw new IllegalArgumentException(
                    "taskId: '" + taskId + "' is allowed for a fission line only with the ending " + FISSION_SUFFIX);
        }
        return taskId.substring(0, taskId.length() - FISSION_SUFFIX.length());
    }

    /** The lineage in a checkpoint's metadata. */
    static Map<String, String> lineage(TrainingTask task, int cycle, int epoch, String startWeightsDigest) {
        Map<String, String> lineage = new TreeMap<>();
        lineage.put("format", "pt");
        lineage.put("experiment", task.getExperimentId());
        lineage.put("checkpoint", checkpointId(task, cycle));
        lineage.put("stage", stageName(task));
        lineage.put("architecture", task.getArchitecture());
        lineage.put("classes", Integer.toString(task.getClasses()));
        lineage.put("learningRate", Double.toString(task.getLearningRate()));
        lineage.put("augmentation", lower(task.getAugmentation().name()));
        lineage.put("seed", Long.toString(task.getSeed()));
        lineage.put("cycle", Integer.toString(cycle));
        lineage.put("epoch", Integer.toString(epoch));
        lineage.put("startWeightsDigest", startWeightsDigest);
        return lineage;
    }

    /** The lineage of a soup with other BatchNorm statistics: which soup, which images, in which order and batches. */
    static Map<String, String> reestimated(TrainingTask task, String soupDigest) {
        Map<String, String> lineage = new TreeMap<>();
        lineage.put("format", "pt");
        lineage.put("experiment", task.getExperimentId());
        lineage.put("checkpoint", checkpointId(task, 0));
        lineage.put("stage", stageName(task));
        lineage.put("architecture", task.getArchitecture());
        lineage.put("classes", Integer.toString(task.getClasses()));
        lineage.put("startWeightsDigest", soupDigest);
        lineage.put("train", task.getTrain().getFile().getSha256());
        lineage.put("batchSize", Integer.toString(task.getBatchSize()));
        lineage.put("seed", Long.toString(task.getSeed()));
        return lineage;
    }

    /** The stage as requests and results spell it. */
    static String stageName(TrainingTask task) {
        return lower(task.getStage().name());
    }

    private static String lower(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
