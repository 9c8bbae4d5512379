package org.fissionfusion.souper;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.fissionfusion.core.view.Heartbeat;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topics;

/**
 * Follows experiments from their first event on: folds the journal with the planner's own pure step, and remembers the
 * last heartbeat of every running task. Reads topics only, so that it shows the same wherever it runs: in a souper, in
 * a command on another machine, beside any number of others. Safe for any number of threads.
 *
 * <pre>{@code
 * try (ExperimentFollower follower = ExperimentFollower.of(clients, id)) {
 *     follower.awaitCaughtUp(Duration.ofMinutes(1));
 *     for (long seen = 0; ; seen = follower.awaitChange(seen, Duration.ofSeconds(1))) {
 *         follower.requireWorking();
 *         Optional<FollowedExperiment> now = follower.experiment(id);
 *         ...
 *     }
 * }
 * }</pre>
 */
public final class ExperimentFollower implements AutoCloseable {
    private static final String BLOCKED = "BLOCKED";

    private final Predicate<String> followed;
    private final SortedMap<String, JournalFold> folds = new TreeMap<>();
    private final List<EventStream<?>> streams;
    private long changes;

    private ExperimentFollower(KafkaClients clients, Predicate<String> followed) {
        this.followed = followed;
        this.streams = List.of(
                EventStream.start(
                        clients,
                        Topics.EXPERIMENT_EVENTS,
                        event -> event.value()
                                .ifPresent(entry ->
                                        change(entry.getExperimentId(), fold -> fold.apply(entry, event.time())))),
                EventStream.start(
                        clients,
                        Topics.PROGRESS,
                        event -> event.value()
                                .ifPresent(beat -> change(
                                        beat.getExperimentId(), fold -> fold.heard(heartbeat(beat, event.time()))))),
                EventStream.start(
                        clients,
                        Topics.EXPERIMENT_STATUS,
                        event -> event.value()
                                .ifPresent(status ->
                                        change(status.getExperimentId(), fold -> fold.blocked(reason(status))))));
    }

    /** Starts to follow every experiment. */
    public static ExperimentFollower ofAll(KafkaClients clients) {
        return new ExperimentFollower(clients, _ -> true);
    }

    /** Starts to follow one experiment, whether or not it was requested already. */
    public static ExperimentFollower of(KafkaClients clients, String experimentId) {
        return new ExperimentFollower(clients, experimentId::equals);
    }

    private interface Change {
        void of(JournalFold fold);
    }

    private synchronized void change(String experimentId, Change change) {
        if (followed.test(experimentId)) {
            change.of(folds.computeIfAbsent(experimentId, _ -> new JournalFold()));
            changes++;
            notifyAll();
        }
    }

    private static Heartbeat heartbeat(TaskProgress beat, Instant at) {
        return new Heartbeat(
                beat.getTaskId(),
                beat.getAttempt(),
                beat.getWorker(),
                at,
                beat.getStage(),
                beat.getLearningRate(),
                beat.getEpoch(),
                beat.getEpochs(),
                beat.getStep(),
                beat.getSteps(),
                beat.getLoss(),
                beat.getImagesPerSecond(),
                beat.getSecondsLeft());
    }

    private static Optional<String> reason(ExperimentStatus status) {
        return status.getPhase().equals(BLOCKED) ? Optional.of(status.getReason()) : Optional.empty();
    }

    /**
     * Waits until everything that was written before the start is known.
     *
     * @return false when the time was up first
     */
    public boolean awaitCaughtUp(Duration timeout) {
        Instant end = Instant.now().plus(timeout);
        return streams.stream().allMatch(stream -> stream.awaitCaughtUp(Duration.between(Instant.now(), end)));
    }

    /** What is known of an experiment; empty while no request of it was applied. */
    public synchronized Optional<FollowedExperiment> experiment(String id) {
        return Optional.ofNullable(folds.get(id)).flatMap(JournalFold::followed);
    }

    /** Every followed experiment that was requested, by id. */
    public synchronized List<FollowedExperiment> experiments() {
        return folds.values().stream().flatMap(fold -> fold.followed().stream()).toList();
    }

    /**
     * Waits until something changed, or the time is up.
     *
     * @param seen what the last call returned, 0 at first
     * @return grows with every change
     */
    public synchronized long awaitChange(long seen, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        for (long left = timeout.toMillis(); changes <= seen && left > 0; ) {
            wait(left);
            left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        }
        return changes;
    }

    /** Why following stopped by itself, if it did: the broker refused for good. */
    public Optional<Throwable> fault() {
        return streams.stream().flatMap(stream -> stream.fault().stream()).findFirst();
    }

    /**
     * Does nothing while it follows.
     *
     * @throws IllegalStateException when it stopped by itself
     */
    public void requireWorking() {
        fault().ifPresent(cause -> {
            throw new IllegalStateException("reading events failed: " + cause.getMessage(), cause);
        });
    }

    @Override
    public void close() {
        streams.forEach(EventStream::close);
    }
}
