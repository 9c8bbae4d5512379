package org.fissionfusion.local.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.JournalEntry;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.EventMapper;

/** Sees everything that is said of one experiment and judges its end. */
public final class Onlooker implements AutoCloseable {
    private static final Set<String> ENDS = Set.of("COMPLETED", "REFUSED", "CANCELLED", "FAILED", "BLOCKED");
    private static final long LOOK_AGAIN_MILLIS = 200;
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    private final KafkaClients clients;
    private final String experimentId;
    private final List<EventStream<?>> streams = new ArrayList<>();
    private final List<String> letters = new ArrayList<>();
    private final Map<String, List<SoupReady>> soups = new TreeMap<>();
    private final Map<String, TaskProgress> beats = new HashMap<>();
    private Optional<ExperimentStatus> status = Optional.empty();

    Onlooker(KafkaClients clients, String experimentId) {
        this.clients = clients;
        this.experimentId = experimentId;
        look(Topics.PROGRESS, this::heard);
        look(Topics.EXPERIMENT_STATUS, this::stands);
        look(Topics.LOCAL_SOUP_READY, this::served);
        look(Topics.GLOBAL_SOUP_READY, this::served);
        look(Topics.DEAD_LETTERS, this::deadLetter);
    }

    private interface Sight<T> {
        void of(T event);
    }

    private <T extends SpecificRecord> void look(Topic<T> topic, Sight<T> sight) {
        streams.add(EventStream.start(clients, topic, event -> {
            synchronized (this) {
                event.value().ifPresent(sight::of);
                notifyAll();
            }
        }));
    }

    private void stands(ExperimentStatus now) {
        if (now.getExperimentId().equals(experimentId)) {
            status = Optional.of(now);
        }
    }

    private void heard(TaskProgress beat) {
        if (!beat.getExperimentId().equals(experimentId)) {
            return;
        }
        if (beat.getOver()) {
            beats.remove(beat.getWorker());
        } else {
            beats.put(beat.getWorker(), beat);
        }
    }

    private void served(SoupReady soup) {
        if (soup.getExperimentId().equals(experimentId)) {
            soups.computeIfAbsent(soup.getSoupId(), _ -> new ArrayList<>()).add(soup);
        }
    }

    private void deadLetter(DeadLetter letter) {
        letters.add(letter.getOriginTopic() + " " + letter.getOriginKey() + ": " + letter.getReason());
    }

    /**
     * Waits until a worker is heard of that does what is wanted, now and not some time ago.
     *
     * @return its name; empty when the experiment ended before
     */
    public synchronized Optional<String> awaitWorker(Predicate<TaskProgress> wanted, Duration patience)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<String> found = beats.values().stream()
                    .filter(wanted)
                    .map(TaskProgress::getWorker)
                    .findFirst();
            if (found.isPresent() || ended()) {
                return found;
            }
            requireTime(end, "nobody was seen doing it");
            wait(LOOK_AGAIN_MILLIS);
        }
    }

    /** Who was heard of that is at work. */
    public synchronized Set<String> workers() {
        return Set.copyOf(beats.keySet());
    }

    /** True once nothing happens any more. */
    public synchronized boolean ended() {
        return status.map(ExperimentStatus::getPhase).filter(ENDS::contains).isPresent();
    }

    /** Waits for the end, reads all there is and judges. */
    public Verdict awaitVerdict(Duration patience) throws InterruptedException {
        synchronized (this) {
            long end = System.nanoTime() + patience.toNanos();
            while (!ended()) {
                requireTime(end, "the experiment did not end");
                wait(LOOK_AGAIN_MILLIS);
            }
        }
        Experiment folded = experiment();
        synchronized (this) {
            Map<String, String> digests = new TreeMap<>();
            List<String> repeated = new ArrayList<>();
            soups.forEach((id, announced) -> {
                digests.put(id, announced.getFirst().getFile().getSha256());
                if (announced.size() > 1) {
                    repeated.add(id);
                }
            });
            List<String> unsettled = folded.tasks().values().stream()
                    .filter(row -> row.status() != TaskRow.Status.DONE)
                    .map(row -> row.id() + " is " + row.status() + " " + row.failures())
                    .toList();
            Cost cost = Cost.of(folded);
            return new Verdict(
                    status.orElseThrow().getPhase(),
                    folded.head().reason(),
                    digests,
                    repeated,
                    unsettled,
                    cost.spentEpochs() - cost.plannedEpochs(),
                    folded.divergences(),
                    List.copyOf(letters));
        }
    }

    /** The experiment as its journal tells it, once everything that was published by now is read. */
    public Experiment experiment() {
        List<JournalEntry> journal = new ArrayList<>();
        readAll(Topics.EXPERIMENT_EVENTS, journal::add);
        readAll(Topics.LOCAL_SOUP_READY, _ -> {});
        readAll(Topics.GLOBAL_SOUP_READY, _ -> {});
        readAll(Topics.DEAD_LETTERS, _ -> {});
        Experiment experiment = null;
        for (JournalEntry entry : journal) {
            if (entry.getExperimentId().equals(experimentId)) {
                experiment = Experiment.step(Optional.ofNullable(experiment), EventMapper.fromJournal(entry))
                        .next();
            }
        }
        return Optional.ofNullable(experiment).orElseThrow();
    }

    private <T extends SpecificRecord> void readAll(Topic<T> topic, Sight<T> sight) {
        try (EventStream<T> again =
                EventStream.start(clients, topic, event -> event.value().ifPresent(sight::of))) {
            if (!again.awaitCaughtUp(CATCH_UP)) {
                throw new IllegalStateException("the brokers did not show all of " + topic.name());
            }
        }
    }

    private void requireTime(long end, String otherwise) {
        if (System.nanoTime() > end) {
            throw new IllegalStateException(otherwise + " in time; last heard: " + beats.values() + ", " + status);
        }
    }

    @Override
    public void close() {
        streams.forEach(EventStream::close);
    }
}
