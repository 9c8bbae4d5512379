package org.fissionfusion.runtime;

import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.TaskResult;

/**
 * What a worker of a running service works with.
 *
 * @param settings its name, threads and lock
 * @param format in which results are recorded in the store before they are published
 * @param control what is known of every experiment
 */
public record Workplace(
        WorkerSettings settings,
        ObjectStore store,
        Serde<TaskResult> format,
        TaskReports reports,
        ControlTable control) {}
