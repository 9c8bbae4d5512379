package org.fissionfusion.souper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fissionfusion.events.TaskProgress;

/**
 * Counts ticks since the last heartbeat of every worker that has begun a task. In memory only: after a restart a task
 * is watched from its next heartbeat on, and until then the queue's own lock guards it.
 *
 * <p>A record of the queue goes to another worker when its worker dies, or seems to; so an attempt may have several
 * workers. One that has said its last word is not watched any more.
 */
final class Silences {
    private final int patience;
    private final Map<String, Watched> tasks = new HashMap<>();

    /** The workers of one attempt, by name. */
    private record Watched(String experimentId, int attempt, SortedMap<String, Pulse> workers) {}

    private record Pulse(int ticks, int silentTicks) {
        Pulse tick() {
            return new Pulse(ticks + 1, silentTicks + 1);
        }

        Pulse heard() {
            return new Pulse(ticks, 0);
        }
    }

    /**
     * A worker that was not heard for too long.
     *
     * @param takenOver true when another one is heard of with the same attempt
     * @param seconds from its first heartbeat to its last one
     */
    record Silent(String experimentId, String taskId, int attempt, String worker, boolean takenOver, double seconds) {}

    Silences(int patience) {
        this.patience = patience;
    }

    void heartbeat(TaskProgress progress) {
        Watched known = tasks.get(progress.getTaskId());
        if (known != null && known.attempt() > progress.getAttempt()) {
            return;
        }
        if (known == null || known.attempt() < progress.getAttempt()) {
            known = new Watched(progress.getExperimentId(), progress.getAttempt(), new TreeMap<>());
            tasks.put(progress.getTaskId(), known);
        }
        if (progress.getOver()) {
            known.workers().remove(progress.getWorker());
        } else {
            known.workers().merge(progress.getWorker(), new Pulse(0, 0), (before, _) -> before.heard());
        }
    }

    void settled(String taskId) {
        tasks.remove(taskId);
    }

    /** One second has passed. */
    List<Silent> tick() {
        List<Silent> silent = new ArrayList<>();
        tasks.forEach((taskId, task) -> {
            task.workers().replaceAll((_, pulse) -> pulse.tick());
            Iterator<Map.Entry<String, Pulse>> workers =
                    task.workers().entrySet().iterator();
            while (workers.hasNext()) {
                Map.Entry<String, Pulse> worker = workers.next();
                Pulse pulse = worker.getValue();
                if (pulse.silentTicks() >= patience) {
                    String name = worker.getKey();
                    workers.remove();
                    silent.add(new Silent(
                            task.experimentId(),
                            taskId,
                            task.attempt(),
                            name,
                            !task.workers().isEmpty(),
                            pulse.ticks() - pulse.silentTicks()));
                }
            }
        });
        tasks.values().removeIf(task -> task.workers().isEmpty());
        return silent;
    }
}
