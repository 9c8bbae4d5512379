package org.fissionfusion.local.run;

import ch.qos.logback.classic.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Logging;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.RequestMapper;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.souper.dashboard.Dashboard;
import org.fissionfusion.trainer.TrainerService;
import org.fissionfusion.vision.model.TorchEngine;

/** The broker and every service, in this process; closed in the reverse order of their start. */
final class LocalCluster implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<Supplier<List<String>>> faults = new ArrayList<>();
    private final List<Supplier<List<String>>> waits = new ArrayList<>();
    private final KafkaClients clients;

    private LocalCluster(KafkaClients clients) {
        this.clients = clients;
    }

    /** Starts all; what was running when the process died goes on. */
    static LocalCluster start(OutputFolder folder, int trainers) throws Exception {
        Path work = Files.createDirectories(folder.root().resolve("work"));
        Logging.configure(Level.INFO, Optional.of(folder.root().resolve("log.txt")));
        TorchEngine.start(1);
        EmbeddedBroker broker = new EmbeddedBroker(folder.root().resolve("kafka")).start();
        LocalCluster cluster = null;
        try {
            cluster = new LocalCluster(KafkaClients.from(config(folder, broker, "local")));
            cluster.parts.push(broker);
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

    private void startServices(OutputFolder folder, EmbeddedBroker broker, Path work, int trainers) {
        try (Admin admin = clients.admin()) {
            TopicSetup.LOCAL.createMissing(admin);
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
        parts.push(part);
        faults.add(part::faults);
        waits.add(part::waitsFor);
    }

    /** Reads what is said of an experiment, for as long as the cluster runs. */
    ExperimentFollower follow(String experimentId) {
        ExperimentFollower follower = ExperimentFollower.of(clients, experimentId);
        parts.push(follower);
        return follower;
    }

    /** Shows the experiments to browsers, and returns where. */
    URI showOn(HttpSettings settings) {
        Dashboard dashboard = Dashboard.start(settings, clients);
        parts.push(dashboard);
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

    /** Throws when a service stopped by itself. */
    void requireWorking() {
        List<String> broken =
                faults.stream().flatMap(each -> each.get().stream()).toList();
        if (!broken.isEmpty()) {
            throw new IllegalStateException("a service stopped by itself: " + broken.getFirst());
        }
    }

    /** What cannot go on for the moment; empty while all do. */
    List<String> waits() {
        return waits.stream().flatMap(each -> each.get().stream()).toList();
    }

    @Override
    public void close() {
        IllegalStateException first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                if (first == null) {
                    first = new IllegalStateException("a part did not stop cleanly: " + e.getMessage(), e);
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
