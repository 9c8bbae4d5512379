package org.fissionfusion.trainer;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.ControlTable;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.HttpHealth;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Logging;
import org.fissionfusion.runtime.QueueSettings;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ShareWorkQueue;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.vision.model.TorchEngine;

/** A trainer: takes training tasks from the share group {@value #GROUP}, one at a time, until closed. */
public final class TrainerService implements AutoCloseable {
    /** The share group of all trainers. */
    public static final String GROUP = "trainers";

    private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(60);

    private final ServiceConfig config;
    private final Path scratch;
    private EventPublisher publisher;
    private ControlTable control;
    private ShareWorkQueue<TrainingTask> queue;

    /** A trainer that keeps the files of its running task in the system's folder for temporary files. */
    public TrainerService(ServiceConfig config) {
        this(config, Path.of(System.getProperty("java.io.tmpdir"), "fissionfusion-trainer"));
    }

    /** @param scratch folder for the files of the running task; nothing there is needed after it */
    public TrainerService(ServiceConfig config, Path scratch) {
        this.config = config;
        this.scratch = scratch;
    }

    /** Starts to take tasks. */
    public synchronized TrainerService start() {
        KafkaClients clients = KafkaClients.from(config);
        publisher = new EventPublisher(clients);
        control = ControlTable.start(clients);
        if (!control.awaitReady(CONTROL_PATIENCE)) {
            close();
            throw new IllegalStateException("the topic " + Topics.EXPERIMENT_CONTROL.name()
                    + " could not be read within " + CONTROL_PATIENCE.toSeconds() + " s");
        }
        TrainingWorker.Bench bench = new TrainingWorker.Bench(
                config.worker().name(),
                new FolderStore(config.storeRoot()),
                clients.valuesOf(Topics.RESULTS),
                scratch,
                config.worker().threads());
        queue = ShareWorkQueue.start(
                clients,
                publisher,
                new QueueSettings<>(
                        Topics.TRAINING_TASKS, GROUP, config.worker().lock()),
                new TrainingWorker(bench, new KafkaReports(clients, publisher, control)));
        return this;
    }

    /** What makes this service useless until it is restarted; empty while it works. */
    public synchronized List<String> faults() {
        return Stream.of(
                        queue == null ? Optional.<Throwable>empty() : queue.fault(),
                        control == null ? Optional.<Throwable>empty() : control.fault())
                .flatMap(Optional::stream)
                .map(String::valueOf)
                .toList();
    }

    /** Hands back the running task, whose last epoch is saved, and stops. */
    @Override
    public synchronized void close() {
        if (queue != null) {
            queue.close();
        }
        if (control != null) {
            control.close();
        }
        if (publisher != null) {
            publisher.close();
        }
    }

    /** Runs a trainer until the process is stopped; the argument is a properties file, the environment wins. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Properties properties = new Properties();
        if (arguments.length > 0) {
            try (var reader = Files.newBufferedReader(Path.of(arguments[0]))) {
                properties.load(reader);
            }
        }
        ServiceConfig config = ServiceConfig.from(properties, System.getenv());
        Logging.configure(Level.INFO, Optional.empty());
        TorchEngine.start(config.worker().threads());
        TrainerService service = new TrainerService(config).start();
        HttpHealth health = HttpHealth.start(config.http(), service::faults, List::of);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            health.close();
            service.close();
            stopped.countDown();
        }));
        stopped.await();
    }
}
