package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.Priority;
import org.fissionfusion.schemas.PoisonRecordException;
import org.fissionfusion.schemas.Topics;

/** What workers must know of each experiment, kept in memory from the compacted control topic. */
public final class ControlTable implements AutoCloseable, EventListener<ExperimentControl> {
    private final Map<String, ExperimentControl> rows = new HashMap<>();
    private final EventPublisher publisher;
    private final EventStream<ExperimentControl> stream;

    private ControlTable(KafkaClients clients, EventPublisher publisher) {
        this.publisher = publisher;
        this.stream = EventStream.start(clients, Topics.EXPERIMENT_CONTROL, this);
    }

    /**
     * Starts to read; {@link #awaitReady} tells when all rows are there.
     *
     * @param publisher of the dead letters of undecodable rows that come from now on
     */
    public static ControlTable start(KafkaClients clients, EventPublisher publisher) {
        return new ControlTable(clients, publisher);
    }

    /**
     * Waits until every row that existed at the start is known.
     *
     * @return false when the time was up first
     */
    public boolean awaitReady(Duration timeout) {
        return stream.awaitCaughtUp(timeout);
    }

    /** Why the table is not kept up any more, if so. */
    public Optional<Throwable> fault() {
        return stream.fault();
    }

    /** The row of the experiment, if there is one. */
    public synchronized Optional<ExperimentControl> row(String experimentId) {
        return Optional.ofNullable(rows.get(experimentId));
    }

    public boolean isCancelled(String experimentId) {
        return row(experimentId).map(ExperimentControl::getCancelled).orElse(false);
    }

    public boolean isPaused(String experimentId) {
        return row(experimentId).map(ExperimentControl::getPaused).orElse(false);
    }

    public boolean hasHighPriority(String experimentId) {
        return row(experimentId)
                .filter(row -> row.getPriority() == Priority.HIGH)
                .isPresent();
    }

    /** SHA-256 over the closed selection, once test and out-of-domain sets may be read. */
    public Optional<String> selectionClosed(String experimentId) {
        return row(experimentId).map(ExperimentControl::getSelectionClosed);
    }

    /**
     * Waits until the experiment's row is as wanted.
     *
     * @return false when the time was up first
     */
    public synchronized boolean await(String experimentId, Predicate<ExperimentControl> wanted, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!row(experimentId).map(wanted::test).orElse(false)) {
            long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
        return true;
    }

    @Override
    public synchronized void onEvent(Event<ExperimentControl> event) {
        event.value().ifPresentOrElse(row -> rows.put(event.key(), row), () -> rows.remove(event.key()));
        notifyAll();
    }

    /** Every worker reads every row, and from the beginning: old poison had its letter when it was new. */
    @Override
    public void onPoison(ConsumerRecord<String, byte[]> record, PoisonRecordException cause) {
        EventListener.super.onPoison(record, cause);
        if (stream != null && stream.isCaughtUp()) {
            publisher.deadLetter(record, cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
