package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;

/** A service that takes tasks from a work queue, one at a time, until closed. */
public final class WorkerService<T extends SpecificRecord> implements Service {
    private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(60);

    private final ServiceConfig config;
    private final Queue<T> from;
    private final Hiring<T> hiring;
    private ObjectStore store;
    private EventPublisher publisher;
    private ControlTable control;
    private WorkHandler<T> worker;
    private ShareWorkQueue<T> queue;

    /**
     * Where the tasks come from.
     *
     * @param first whose tasks go before those of the other topic
     * @param group the share group of all workers of this kind
     */
    public record Queue<T extends SpecificRecord>(Topic<T> topic, Topic<T> first, String group) {}

    /** Makes the worker, once all that it needs is there. */
    @FunctionalInterface
    public interface Hiring<T extends SpecificRecord> {
        WorkHandler<T> hire(Workplace place);
    }

    public WorkerService(ServiceConfig config, Queue<T> from, Hiring<T> hiring) {
        this.config = config;
        this.from = from;
        this.hiring = hiring;
    }

    /**
     * Starts to take tasks.
     *
     * @return this
     */
    public synchronized WorkerService<T> start() {
        KafkaClients clients = KafkaClients.from(config);
        store = ObjectStores.open(config);
        publisher = new EventPublisher(clients);
        control = ControlTable.start(clients, publisher);
        if (!control.awaitReady(CONTROL_PATIENCE)) {
            close();
            throw new IllegalStateException("the topic " + Topics.EXPERIMENT_CONTROL.name()
                    + " could not be read within " + CONTROL_PATIENCE.toSeconds() + " s");
        }
        worker = hiring.hire(new Workplace(
                config.worker(),
                store,
                clients.valuesOf(Topics.RESULTS),
                new KafkaTaskReports(publisher, control),
                control));
        queue = ShareWorkQueue.start(
                clients,
                publisher,
                new QueueSettings<>(
                        from.topic(),
                        Optional.of(from.first()),
                        from.group(),
                        config.worker().lock(),
                        QueueSettings.DEFAULT_DELIVERY_LIMIT),
                worker);
        return this;
    }

    @Override
    public synchronized List<String> faults() {
        return Stream.of(
                        queue == null ? Optional.<Throwable>empty() : queue.fault(),
                        control == null ? Optional.<Throwable>empty() : control.fault())
                .flatMap(Optional::stream)
                .map(String::valueOf)
                .toList();
    }

    @Override
    public synchronized List<String> waitsFor() {
        return queue == null ? List.of() : queue.waitsFor().stream().toList();
    }

    @Override
    public synchronized void close() {
        if (queue != null) {
            queue.close();
        }
        if (worker != null && !queue.busy()) { // a task that did not stop in time still uses what the worker holds
            worker.close();
        }
        if (control != null) {
            control.close();
        }
        if (publisher != null) {
            publisher.close();
        }
        if (store != null) {
            store.close();
        }
    }
}
