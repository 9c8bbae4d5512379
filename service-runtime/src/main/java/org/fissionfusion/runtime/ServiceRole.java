package org.fissionfusion.runtime;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;

/** The parts of the system, and all that each may touch in Kafka: what it waits for at its start, and its access list. */
@SuppressWarnings("ImmutableEnumChecker") // lists made by List.of never change
public enum ServiceRole {
    /** Plans; sees no image and no weights. */
    SOUPER(
            List.of(
                    Topics.EXPERIMENT_COMMANDS,
                    Topics.RESULTS,
                    Topics.PROGRESS,
                    Topics.EXPERIMENT_EVENTS,
                    Topics.EXPERIMENT_STATUS,
                    Topics.EXPERIMENT_CONTROL),
            List.of(
                    Topics.TRAINING_TASKS,
                    Topics.TRAINING_TASKS_HIGH,
                    Topics.EVALUATION_TASKS,
                    Topics.EVALUATION_TASKS_HIGH,
                    Topics.EXPERIMENT_EVENTS,
                    Topics.EXPERIMENT_STATUS,
                    Topics.EXPERIMENT_CONTROL,
                    Topics.LOCAL_SOUP_READY,
                    Topics.GLOBAL_SOUP_READY,
                    Topics.DEAD_LETTERS),
            Optional.empty()),
    /** Trains; sees no score. */
    TRAINER(
            List.of(Topics.TRAINING_TASKS, Topics.TRAINING_TASKS_HIGH, Topics.EXPERIMENT_CONTROL),
            List.of(Topics.RESULTS, Topics.PROGRESS, Topics.DEAD_LETTERS),
            Optional.of("trainers")),
    /** Blends and scores. */
    EVALUATOR(
            List.of(Topics.EVALUATION_TASKS, Topics.EVALUATION_TASKS_HIGH, Topics.EXPERIMENT_CONTROL),
            List.of(Topics.RESULTS, Topics.PROGRESS, Topics.DEAD_LETTERS),
            Optional.of("evaluators")),
    /** A person at the command line: asks and looks, works on nothing. */
    CLIENT(Topics.ALL, List.of(Topics.EXPERIMENT_COMMANDS), Optional.empty());

    private final List<Topic<?>> reads;
    private final List<Topic<?>> writes;
    private final Optional<String> shareGroup;

    ServiceRole(List<Topic<?>> reads, List<Topic<?>> writes, Optional<String> shareGroup) {
        this.reads = reads;
        this.writes = writes;
        this.shareGroup = shareGroup;
    }

    public List<Topic<?>> reads() {
        return reads;
    }

    public List<Topic<?>> writes() {
        return writes;
    }

    /** The share group whose members take the tasks, for workers. */
    public Optional<String> shareGroup() {
        return shareGroup;
    }

    /** In commands, logs and access lists. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
