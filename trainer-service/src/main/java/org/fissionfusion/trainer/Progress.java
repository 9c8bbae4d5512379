package org.fissionfusion.trainer;

import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.vision.training.StepProgress;

/** Where a task stands, as heartbeats say it. */
final class Progress {
    private Progress() {}

    /** Before the first step. */
    static TaskProgress waiting(TrainingTask task, String worker) {
        return of(task, worker, new StepProgress(0, task.getEpochs(), 0, 0, task.getLearningRate(), 0, 0, -1));
    }

    static TaskProgress of(TrainingTask task, String worker, StepProgress step) {
        return new TaskProgress(
                task.getExperimentId(),
                task.getTaskId(),
                task.getAttempt(),
                worker,
                CheckpointNames.stageName(task),
                step.learningRate(),
                step.epoch(),
                step.epochs(),
                step.step(),
                step.steps(),
                step.loss(),
                step.imagesPerSecond(),
                step.secondsLeft(),
                false);
    }
}
