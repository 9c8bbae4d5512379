package org.fissionfusion.schemas;

import static org.fissionfusion.schemas.Topic.Layout.KEYED;
import static org.fissionfusion.schemas.Topic.Layout.QUEUE;

import java.time.Duration;
import java.util.List;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.JournalEntry;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingTask;

/** Every topic of FissionFusion. */
public final class Topics {

    /** Partitions of keyed topics unless an installation says otherwise. */
    public static final int DEFAULT_KEYED_PARTITIONS = 4;

    private static final String BY_EXPERIMENT = "experimentId";
    private static final String BY_TASK = "taskId";
    private static final Retention FOREVER = new Retention.Forever();
    private static final Retention COMPACTED = new Retention.Compacted();

    /** What users ask for: one order per experiment. */
    public static final Topic<ExperimentCommand> EXPERIMENT_COMMANDS =
            new Topic<>("experiment-commands", KEYED, FOREVER, BY_EXPERIMENT, ExperimentCommand.class);

    /** Work queue of the trainers. */
    public static final Topic<TrainingTask> TRAINING_TASKS =
            new Topic<>("training-tasks", QUEUE, FOREVER, BY_TASK, TrainingTask.class);

    /** Work queue of the evaluators. */
    public static final Topic<EvaluationTask> EVALUATION_TASKS =
            new Topic<>("evaluation-tasks", QUEUE, FOREVER, BY_TASK, EvaluationTask.class);

    /** Work queue of the trainers that goes before the other one. */
    public static final Topic<TrainingTask> TRAINING_TASKS_HIGH =
            new Topic<>("training-tasks-high", QUEUE, FOREVER, BY_TASK, TrainingTask.class);

    /** Work queue of the evaluators that goes before the other one. */
    public static final Topic<EvaluationTask> EVALUATION_TASKS_HIGH =
            new Topic<>("evaluation-tasks-high", QUEUE, FOREVER, BY_TASK, EvaluationTask.class);

    /** What trainers and evaluators answer. */
    public static final Topic<TaskResult> RESULTS =
            new Topic<>("results", KEYED, FOREVER, BY_EXPERIMENT, TaskResult.class);

    /** Journal of what the planner applied; folding it gives the experiment. */
    public static final Topic<JournalEntry> EXPERIMENT_EVENTS =
            new Topic<>("experiment-events", KEYED, FOREVER, BY_EXPERIMENT, JournalEntry.class);

    /** Where each experiment stands. */
    public static final Topic<ExperimentStatus> EXPERIMENT_STATUS =
            new Topic<>("experiment-status", KEYED, COMPACTED, BY_EXPERIMENT, ExperimentStatus.class);

    /** What workers must know of each experiment: paused, cancelled, selection closed. */
    public static final Topic<ExperimentControl> EXPERIMENT_CONTROL =
            new Topic<>("experiment-control", KEYED, COMPACTED, BY_EXPERIMENT, ExperimentControl.class);

    /** Announced local soups. */
    public static final Topic<SoupReady> LOCAL_SOUP_READY =
            new Topic<>("local-soup-ready", KEYED, FOREVER, BY_EXPERIMENT, SoupReady.class);

    /** Announced global soups. */
    public static final Topic<SoupReady> GLOBAL_SOUP_READY =
            new Topic<>("global-soup-ready", KEYED, FOREVER, BY_EXPERIMENT, SoupReady.class);

    /** Heartbeats of running tasks. */
    public static final Topic<TaskProgress> PROGRESS =
            new Topic<>("progress", KEYED, new Retention.For(Duration.ofDays(7)), BY_EXPERIMENT, TaskProgress.class);

    /** Records nobody could handle, with reason and origin. */
    public static final Topic<DeadLetter> DEAD_LETTERS =
            new Topic<>("dead-letters", KEYED, FOREVER, "key of the origin, or its topic", DeadLetter.class);

    /** All of them. */
    public static final List<Topic<?>> ALL = List.of(
            EXPERIMENT_COMMANDS,
            TRAINING_TASKS,
            TRAINING_TASKS_HIGH,
            EVALUATION_TASKS,
            EVALUATION_TASKS_HIGH,
            RESULTS,
            EXPERIMENT_EVENTS,
            EXPERIMENT_STATUS,
            EXPERIMENT_CONTROL,
            LOCAL_SOUP_READY,
            GLOBAL_SOUP_READY,
            PROGRESS,
            DEAD_LETTERS);

    private Topics() {}

    /** True for the work queues whose tasks go before all others. */
    public static boolean isHighPriority(String topic) {
        return topic.equals(TRAINING_TASKS_HIGH.name()) || topic.equals(EVALUATION_TASKS_HIGH.name());
    }
}
