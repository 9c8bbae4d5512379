package org.fissionfusion.local.kafka;

import java.util.List;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.TaskProgress;

/** Small tasks to put into a queue. */
final class Tasks {
    private Tasks() {}

    static EvaluationTask named(String id) {
        return EvaluationTask.newBuilder()
                .setExperimentId("exp")
                .setTaskId(id)
                .setAttempt(1)
                .setArchitecture("resnet20")
                .setClasses(2)
                .setClassNames(List.of("a", "b"))
                .setImageSize(32)
                .setMean(List.of())
                .setStd(List.of())
                .setMetric(MetricName.MACRO_F1)
                .setBootstrapResamples(1)
                .setBootstrapSeed(1)
                .setWork(new Comparing(List.of(), List.of()))
                .build();
    }

    /** What a worker says before it has done anything. */
    static TaskProgress waiting(EvaluationTask task) {
        return new TaskProgress(
                task.getExperimentId(), task.getTaskId(), 1, "w", "comparing", 0.0, 0, 0, 0, 0, 0.0, 0.0, -1.0, false);
    }
}
