package org.fissionfusion.local.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topic;

/** The newest record of every key of a compacted topic, kept up while open. */
public final class LatestRows<T extends SpecificRecord> implements AutoCloseable {
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    private final SortedMap<String, T> rows = new TreeMap<>();
    private final EventStream<T> stream;

    private LatestRows(KafkaClients clients, Topic<T> topic) {
        this.stream = EventStream.start(clients, topic, event -> {
            synchronized (rows) {
                event.value().ifPresentOrElse(row -> rows.put(event.key(), row), () -> rows.remove(event.key()));
                rows.notifyAll();
            }
        });
    }

    /**
     * Reads what is there.
     *
     * @throws KafkaException when the brokers do not show it
     */
    public static <T extends SpecificRecord> LatestRows<T> read(KafkaClients clients, Topic<T> topic) {
        LatestRows<T> latest = new LatestRows<>(clients, topic);
        if (!latest.stream.awaitCaughtUp(CATCH_UP)) {
            String reason = latest.stream
                    .fault()
                    .map(Throwable::getMessage)
                    .orElse("no answer within " + CATCH_UP.toSeconds() + " s");
            latest.close();
            throw new KafkaException("the topic " + topic.name() + " could not be read: " + reason);
        }
        return latest;
    }

    /** By key. */
    public SortedMap<String, T> rows() {
        synchronized (rows) {
            return new TreeMap<>(rows);
        }
    }

    public Optional<T> row(String key) {
        synchronized (rows) {
            return Optional.ofNullable(rows.get(key));
        }
    }

    /** Waits until the newest record of the key is as wanted; empty when the time was up first. */
    public Optional<T> await(String key, Predicate<T> wanted, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        synchronized (rows) {
            while (true) {
                Optional<T> row = row(key);
                if (row.filter(wanted).isPresent()) {
                    return row;
                }
                long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (left <= 0) {
                    return Optional.empty();
                }
                rows.wait(left);
            }
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
