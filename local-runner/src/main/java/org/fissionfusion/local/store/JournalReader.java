package org.fissionfusion.local.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.retention.Needed;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.JournalEntry;
import org.fissionfusion.runtime.Event;
import org.fissionfusion.runtime.EventListener;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.PoisonRecordException;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.EventMapper;
import org.fissionfusion.souper.RequestMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every experiment of a cluster, folded from the journal. Whoever deletes by what it says must not miss anything: one
 * entry that is missing, or that this version does not understand, and it says nothing at all.
 */
final class JournalReader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    private final KafkaClients clients;
    private final Duration patience;

    /** @param patience until all of a topic is read */
    JournalReader(KafkaClients clients, Duration patience) {
        this.clients = clients;
        this.patience = patience;
    }

    private record Folded(long sequence, Experiment experiment) {}

    /**
     * What all experiments of the cluster need, now.
     *
     * @throws IllegalStateException when the journal cannot be read whole
     */
    Needed needed() {
        // requests first: one that the planner takes meanwhile is then in the journal too
        Map<String, ExperimentRequest> waiting = new TreeMap<>();
        read(
                Topics.EXPERIMENT_COMMANDS,
                command -> request(command).ifPresent(request -> waiting.putIfAbsent(request.experimentId(), request)));
        Map<String, Folded> folded = new TreeMap<>();
        read(Topics.EXPERIMENT_EVENTS, entry -> apply(entry, folded));
        folded.keySet().forEach(waiting::remove);
        List<Experiment> experiments = new ArrayList<>();
        folded.values().forEach(each -> experiments.add(each.experiment()));
        return Needed.by(experiments, waiting.values());
    }

    /** Empty for other commands, and for a request that this version's planner refuses as well. */
    private static Optional<ExperimentRequest> request(ExperimentCommand command) {
        try {
            return command.getCommand() instanceof ExperimentRequested requested
                    ? Optional.of(RequestMapper.fromEvent(requested))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("experimentId", command.getExperimentId())
                    .addKeyValue("reason", e.getMessage())
                    .log("a request that cannot be planned keeps no files");
            return Optional.empty();
        }
    }

    private static void apply(JournalEntry entry, Map<String, Folded> folded) {
        Folded before = folded.get(entry.getExperimentId());
        long expected = before == null ? 1 : before.sequence() + 1;
        if (entry.getSequence() < expected) {
            return;
        }
        if (entry.getSequence() > expected) {
            throw new IllegalStateException("the journal of %s has entry %d after %d: entries are missing"
                    .formatted(entry.getExperimentId(), entry.getSequence(), expected - 1));
        }
        Experiment next = Experiment.step(
                        Optional.ofNullable(before).map(Folded::experiment), EventMapper.fromJournal(entry))
                .next();
        folded.put(entry.getExperimentId(), new Folded(entry.getSequence(), next));
    }

    private interface Reading<T> {
        void take(T value);
    }

    private <T extends SpecificRecord> void read(Topic<T> topic, Reading<T> reading) {
        EventListener<T> listener = new EventListener<>() {
            @Override
            public void onEvent(Event<T> event) {
                event.value().ifPresent(reading::take);
            }

            @Override
            public void onPoison(ConsumerRecord<String, byte[]> bytes, PoisonRecordException reason) {
                throw reason;
            }
        };
        try (EventStream<T> stream = EventStream.start(clients, topic, listener)) {
            boolean caughtUp = stream.awaitCaughtUp(patience);
            stream.fault().ifPresent(fault -> {
                throw new IllegalStateException(
                        topic.name() + " cannot be read whole, so nothing is removed: " + fault.getMessage(), fault);
            });
            if (!caughtUp) {
                throw new IllegalStateException(
                        topic.name() + " was not read whole within " + patience.toSeconds() + " s; nothing is removed");
            }
        }
    }
}
