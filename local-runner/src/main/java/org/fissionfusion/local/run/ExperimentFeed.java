package org.fissionfusion.local.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;

/** Reads the topics that tell of an experiment into a {@link RunLog}. */
public final class ExperimentFeed implements AutoCloseable {
    private static final Set<String> ENDS = Set.of("COMPLETED", "REFUSED", "CANCELLED", "FAILED", "BLOCKED");
    private static final Duration CATCH_UP = Duration.ofSeconds(60);
    private static final List<Topic<? extends SpecificRecord>> TOPICS = List.of(
            Topics.EXPERIMENT_COMMANDS,
            Topics.TRAINING_TASKS,
            Topics.EVALUATION_TASKS,
            Topics.RESULTS,
            Topics.LOCAL_SOUP_READY,
            Topics.GLOBAL_SOUP_READY,
            Topics.EXPERIMENT_STATUS,
            Topics.PROGRESS);

    private final KafkaClients clients;
    private final RunLog log;
    private final List<EventStream<?>> streams = new ArrayList<>();

    private ExperimentFeed(KafkaClients clients, RunLog log) {
        this.clients = clients;
        this.log = log;
    }

    static ExperimentFeed follow(KafkaClients clients, RunLog log) {
        ExperimentFeed feed = new ExperimentFeed(clients, log);
        TOPICS.forEach(topic -> feed.streams.add(feed.stream(topic)));
        return feed;
    }

    private <T extends SpecificRecord> EventStream<T> stream(Topic<T> topic) {
        return EventStream.start(clients, topic, event -> {
            synchronized (log) {
                event.value().ifPresent(log::apply);
            }
        });
    }

    /** Shows the log at every tick until the experiment has ended, then reads all that was written before the end. */
    ExperimentStatus awaitEnd(Runnable show, long tickMillis, Supplier<List<String>> faults)
            throws InterruptedException {
        while (true) {
            synchronized (log) {
                show.run();
                if (log.status().isPresent() && ENDS.contains(log.status().get().getPhase())) {
                    break;
                }
            }
            for (EventStream<?> stream : streams) {
                stream.fault().ifPresent(fault -> {
                    throw new IllegalStateException("reading events failed: " + fault.getMessage(), fault);
                });
            }
            List<String> broken = faults.get();
            if (!broken.isEmpty()) {
                throw new IllegalStateException("a service stopped by itself: " + broken.getFirst());
            }
            Thread.sleep(tickMillis);
        }
        readToTheEnd();
        synchronized (log) {
            show.run();
            return log.status().orElseThrow();
        }
    }

    /** Topics are read by a thread each; a second reader that has caught up proves that nothing is missing. */
    private void readToTheEnd() {
        for (Topic<? extends SpecificRecord> topic : TOPICS) {
            try (EventStream<?> again = stream(topic)) {
                if (!again.awaitCaughtUp(CATCH_UP)) {
                    throw new IllegalStateException("the broker did not show all of " + topic.name());
                }
            }
        }
    }

    @Override
    public void close() {
        streams.forEach(EventStream::close);
    }
}
