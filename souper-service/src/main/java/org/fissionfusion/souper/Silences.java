package org.fissionfusion.souper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fissionfusion.events.TaskProgress;

/**
 * Counts ticks since the last heartbeat of every task that has begun. In memory only: after a restart a task is
 * watched from its next heartbeat on, and until then the queue's own lock guards it.
 */
final class Silences {
    private final int patience;
    private final Map<String, Heard> heard = new HashMap<>();

    private record Heard(String experimentId, String taskId, int attempt, int silentTicks) {}

    /** A task whose worker was not heard for too long. */
    record Silent(String experimentId, String taskId, int attempt) {}

    Silences(int patience) {
        this.patience = patience;
    }

    void heartbeat(TaskProgress progress) {
        Heard known = heard.get(progress.getTaskId());
        if (known == null || known.attempt() <= progress.getAttempt()) {
            heard.put(
                    progress.getTaskId(),
                    new Heard(progress.getExperimentId(), progress.getTaskId(), progress.getAttempt(), 0));
        }
    }

    void settled(String taskId) {
        heard.remove(taskId);
    }

    List<Silent> tick() {
        List<Silent> silent = new ArrayList<>();
        heard.replaceAll(
                (_, task) -> new Heard(task.experimentId(), task.taskId(), task.attempt(), task.silentTicks() + 1));
        heard.values().removeIf(task -> {
            if (task.silentTicks() < patience) {
                return false;
            }
            silent.add(new Silent(task.experimentId(), task.taskId(), task.attempt()));
            return true;
        });
        return silent;
    }
}
