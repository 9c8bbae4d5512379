package org.fissionfusion.souper;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.Step;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.Heartbeat;
import org.fissionfusion.events.JournalEntry;

/** The journal of one experiment folded so far, and the last signs of life of its tasks. */
final class JournalFold {
    private final Map<String, Heartbeat> heartbeats = new HashMap<>();
    private Optional<Experiment> experiment = Optional.empty();
    private long sequence;
    private Instant first = Instant.EPOCH;
    private Instant last = Instant.EPOCH;
    private Optional<String> blocked = Optional.empty();
    private Optional<String> unreadable = Optional.empty();
    private Optional<FollowedExperiment> shown = Optional.empty();

    /**
     * Applies the next entry. One that was applied before changes nothing. After one that cannot be applied, the fold
     * stays as it is and says so: a view of half an experiment is worse than an old one.
     */
    void apply(JournalEntry entry, Instant time) {
        if (unreadable.isPresent() || entry.getSequence() <= sequence) {
            return;
        }
        shown = Optional.empty();
        if (entry.getSequence() != sequence + 1) {
            unreadable = Optional.of("the journal goes on with entry " + entry.getSequence() + " after " + sequence
                    + ": entries are missing");
            return;
        }
        try {
            ExperimentEvent event = EventMapper.fromJournal(entry);
            Step step = Experiment.step(experiment, event);
            experiment = Optional.ofNullable(step.next());
            if (event instanceof ExperimentEvent.OfTask ofTask && settled(ofTask.taskId())) {
                heartbeats.remove(ofTask.taskId());
            }
        } catch (RuntimeException e) {
            unreadable = Optional.of("entry " + entry.getSequence()
                    + " of the journal cannot be applied by this version: " + e.getMessage());
            return;
        }
        sequence++;
        first = sequence == 1 ? time : first;
        last = time;
    }

    private boolean settled(String taskId) {
        return experiment
                .map(it -> it.tasks().get(taskId))
                .filter(TaskRow::settled)
                .isPresent();
    }

    void heard(Heartbeat beat) {
        Heartbeat known = heartbeats.get(beat.taskId());
        if (!settled(beat.taskId()) && (known == null || known.attempt() <= beat.attempt())) {
            heartbeats.put(beat.taskId(), beat);
            shown = Optional.empty();
        }
    }

    void blocked(Optional<String> reason) {
        blocked = reason;
        shown = Optional.empty();
    }

    Optional<Experiment> experiment() {
        return experiment;
    }

    /** Empty while no request was seen. */
    Optional<FollowedExperiment> followed() {
        if (shown.isEmpty()) {
            shown = experiment.map(it -> new FollowedExperiment(
                    ExperimentView.of(it, heartbeats, unreadable.or(() -> blocked)), sequence, first, last));
        }
        return shown;
    }
}
