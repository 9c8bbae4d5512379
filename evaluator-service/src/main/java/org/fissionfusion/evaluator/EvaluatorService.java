package org.fissionfusion.evaluator;

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
import org.fissionfusion.events.EvaluationTask;
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

/** An evaluator: takes evaluation tasks from the share group {@value #GROUP}, one at a time, until closed. */
public final class EvaluatorService implements AutoCloseable {
    /** The share group of all evaluators. */
    public static final String GROUP = "evaluators";

    /** How long a task on sealed splits waits for the record that opens them. */
    private static final Duration SEAL_PATIENCE = Duration.ofSeconds(30);

    private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(60);

    private final ServiceConfig config;
    private final Limits limits;
    private EventPublisher publisher;
    private ControlTable control;
    private Evaluation evaluation;
    private ShareWorkQueue<EvaluationTask> queue;

    /**
     * How much memory an evaluator may keep between tasks.
     *
     * @param imageBytes prepared images of the splits last scored
     * @param sumBytes running sums of the soups last tasted
     */
    public record Limits(long imageBytes, long sumBytes) {
        public static final Limits DEFAULT = new Limits(512L << 20, 256L << 20);
    }

    public EvaluatorService(ServiceConfig config) {
        this(config, Limits.DEFAULT);
    }

    public EvaluatorService(ServiceConfig config, Limits limits) {
        this.config = config;
        this.limits = limits;
    }

    /** Starts to take tasks. */
    public synchronized EvaluatorService start() {
        KafkaClients clients = KafkaClients.from(config);
        FolderStore store = new FolderStore(config.storeRoot());
        publisher = new EventPublisher(clients);
        control = ControlTable.start(clients);
        if (!control.awaitReady(CONTROL_PATIENCE)) {
            close();
            throw new IllegalStateException("the topic " + Topics.EXPERIMENT_CONTROL.name()
                    + " could not be read within " + CONTROL_PATIENCE.toSeconds() + " s");
        }
        KafkaReports reports = new KafkaReports(clients, publisher, control);
        evaluation =
                Evaluation.over(store, config.worker().threads(), limits, new SealedSplits(reports, SEAL_PATIENCE));
        EvaluationWorker worker = new EvaluationWorker(
                config.worker().name(), store, clients.valuesOf(Topics.RESULTS), evaluation, reports);
        queue = ShareWorkQueue.start(
                clients,
                publisher,
                new QueueSettings<>(
                        Topics.EVALUATION_TASKS, GROUP, config.worker().lock()),
                worker);
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

    /** Hands back the running task and stops. */
    @Override
    public synchronized void close() {
        if (queue != null) {
            queue.close();
        }
        if (evaluation != null) {
            evaluation.close();
        }
        if (control != null) {
            control.close();
        }
        if (publisher != null) {
            publisher.close();
        }
    }

    /** Runs an evaluator until the process is stopped; the argument is a properties file, the environment wins. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Properties properties = new Properties();
        if (arguments.length > 0) {
            try (var reader = Files.newBufferedReader(Path.of(arguments[0]))) {
                properties.load(reader);
            }
        }
        ServiceConfig config = ServiceConfig.from(properties, System.getenv());
        Logging.configure(Level.INFO, Optional.empty());
        EvaluatorService service = new EvaluatorService(config).start();
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
