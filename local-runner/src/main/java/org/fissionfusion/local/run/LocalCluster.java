package org.fissionfusion.local.run;

import ch.qos.logback.classic.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.local.kafka.HangingTransactions;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Logging;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.StoreFullException;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.RequestMapper;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.souper.dashboard.Dashboard;
import org.fissionfusion.trainer.TrainerService;
import org.fissionfusion.vision.model.TorchEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker and every service, in this process; all but the broker stopped together, then the broker. */
final class LocalCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(9);
    private static final Duration COORDINATOR_READY_WITHIN = Duration.ofSeconds(10);

    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<Supplier<List<String>>> faults = new ArrayList<>();
    private final List<Supplier<List<String>>> waits = new ArrayList<>();
    private final KafkaClients clients;
    private final EmbeddedBroker broker;

    private LocalCluster(KafkaClients clients, EmbeddedBroker broker) {
        this.clients = clients;
        this.broker = broker;
    }

    /** Starts all; what was running when the process died goes on. */
    static LocalCluster start(OutputFolder folder, int trainers) throws Exception {
        Path work = Files.createDirectories(folder.root().resolve("work"));
        Logging.configure(Level.INFO, Optional.of(folder.root().resolve("log.txt")));
        TorchEngine.start(1);
        Queue<String> brokerFaults = new ConcurrentLinkedQueue<>();
        EmbeddedBroker broker = new EmbeddedBroker(folder.root().resolve("kafka"), 0, brokerFaults::add).start();
        LocalCluster cluster = null;
        try {
            cluster = new LocalCluster(KafkaClients.from(config(folder, broker, "local")), broker);
            cluster.faults.add(() -> List.copyOf(brokerFaults));
            cluster.startServices(folder, broker, work, trainers);
            return cluster;
        } catch (Exception | Error e) {
            if (cluster == null) {
                broker.close();
            } else {
                cluster.close();
            }
            throw e;
        }
    }

    private static ServiceConfig config(OutputFolder folder, EmbeddedBroker broker, String name) {
        return config(folder, broker, name, 1);
    }

    private static ServiceConfig config(OutputFolder folder, EmbeddedBroker broker, String name, int threads) {
        return ServiceConfig.local(
                broker.bootstrapServers(),
                folder.store(),
                new WorkerSettings(name, threads, ServiceConfig.DEFAULT_LOCK));
    }

    private void startServices(OutputFolder folder, EmbeddedBroker broker, Path work, int trainers)
            throws InterruptedException {
        try (Admin admin = clients.admin()) {
            TopicSetup.LOCAL.createMissing(admin);
            HangingTransactions.abort(admin, COORDINATOR_READY_WITHIN);
        }
        SouperService souper = SouperService.start(
                config(folder, broker, "souper"), folder.root().resolve("streams"));
        add(souper);
        // when all is trained only the evaluator works: it may then use what the trainers leave idle
        var evaluator = EvaluatorService.of(config(folder, broker, "evaluator-1", trainers));
        add(evaluator);
        evaluator.start();
        for (int i = 1; i <= trainers; i++) {
            String name = "trainer-" + i;
            var trainer = TrainerService.of(config(folder, broker, name), work.resolve(name));
            add(trainer);
            trainer.start();
        }
    }

    private void add(Service part) {
        parts.add(part);
        faults.add(part::faults);
        waits.add(part::waitsFor);
    }

    /** Reads what is said of an experiment, for as long as the cluster runs. */
    ExperimentFollower follow(String experimentId) {
        ExperimentFollower follower = ExperimentFollower.of(clients, experimentId);
        parts.add(follower);
        return follower;
    }

    /** Shows the experiments to browsers, and returns where. */
    URI showOn(HttpSettings settings) {
        Dashboard dashboard = Dashboard.start(settings, clients);
        parts.add(dashboard);
        return dashboard.address();
    }

    /** Asks for the experiment; asking again changes nothing. */
    void submit(ExperimentRequest request) {
        try (EventPublisher publisher = new EventPublisher(clients)) {
            publisher.publish(
                    Topics.EXPERIMENT_COMMANDS,
                    request.experimentId(),
                    new ExperimentCommand(request.experimentId(), RequestMapper.toEvent(request)));
        }
    }

    /** Throws when a service or the broker stopped by itself, or can't go on for want of disk space. */
    void requireWorking() {
        Stream.concat(
                        faults.stream().flatMap(each -> each.get().stream()),
                        waits.stream().flatMap(each -> each.get().stream()).filter(StoreFullException::isOf))
                .findFirst()
                .ifPresent(reason -> {
                    throw new IllegalStateException("a service stopped by itself: " + reason);
                });
    }

    /**
     * Stops within ten seconds, whatever state the parts are in: after a full disk or a failed broker some cannot stop in
     * order, and what they were doing is done again after the next start.
     */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        long end = System.nanoTime() + STOPPED_WITHIN.toNanos();
        List<String> late = new ArrayList<>();
        stop(parts, end, late);
        stop(List.of(broker), end, late);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!late.isEmpty()) {
            LOG.atWarn().addKeyValue("parts", late).log("some parts did not stop in order");
        }
    }

    private static void stop(List<AutoCloseable> together, long end, List<String> late) {
        Map<Thread, AutoCloseable> stopping = new LinkedHashMap<>();
        for (AutoCloseable part : together) {
            Thread thread = Thread.ofPlatform()
                    .daemon()
                    .name("stop-" + part.getClass().getSimpleName())
                    .unstarted(() -> {
                        try {
                            part.close();
                        } catch (Exception e) {
                            LOG.atWarn().setCause(e).log("a part did not stop cleanly");
                        }
                    });
            stopping.put(thread, part);
            thread.start();
        }
        stopping.forEach((thread, part) -> {
            try {
                if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
                    late.add(part.getClass().getSimpleName());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                late.add(part.getClass().getSimpleName());
            }
        });
    }
}
