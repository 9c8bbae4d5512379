package org.fissionfusion.local.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.local.kafka.EmbeddedCluster;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;

/** Three brokers in this process, every service in a process of its own, and one experiment. */
public final class ChaosLab implements AutoCloseable {
    /** How many brokers there are, numbered from 1. */
    public static final int BROKERS = 3;

    private final EmbeddedCluster brokers;
    private final KafkaClients clients;
    private final ServiceProcesses services;
    private final Onlooker onlooker;

    private ChaosLab(
            EmbeddedCluster brokers, KafkaClients clients, ServiceProcesses services, ExperimentRequest request) {
        this.brokers = brokers;
        this.clients = clients;
        this.services = services;
        this.onlooker = new Onlooker(clients, request.experimentId());
    }

    /**
     * Starts brokers and services and asks for the experiment.
     *
     * @param folder for brokers and services
     * @param store where the files of the request are
     */
    public static ChaosLab open(Path folder, Path store, ExperimentRequest request) {
        EmbeddedCluster brokers = new EmbeddedCluster(folder.resolve("kafka"), BROKERS, 0, message -> {
            throw new IllegalStateException(message);
        });
        brokers.start();
        KafkaClients clients = new KafkaClients(
                Map.of("bootstrap.servers", brokers.bootstrapServers()), SerdeFactory.bundled(), "onlooker");
        try (Admin admin = clients.admin()) {
            TopicSetup.CLUSTER.createMissing(admin);
        }
        ServiceProcesses services = new ServiceProcesses(folder.resolve("services"), store, brokers.bootstrapServers());
        services.start(ServiceKind.SOUPER, "souper-1");
        services.start(ServiceKind.EVALUATOR, "evaluator-1");
        services.start(ServiceKind.TRAINER, "trainer-1");
        services.start(ServiceKind.TRAINER, "trainer-2");
        try (EventPublisher publisher = new EventPublisher(clients)) {
            publisher.publish(
                    Topics.EXPERIMENT_COMMANDS,
                    request.experimentId(),
                    new ExperimentCommand(request.experimentId(), RequestMapper.toEvent(request)));
        }
        return new ChaosLab(brokers, clients, services, request);
    }

    public ServiceProcesses services() {
        return services;
    }

    public Onlooker onlooker() {
        return onlooker;
    }

    public KafkaClients clients() {
        return clients;
    }

    /** Stops a broker and starts it again. */
    public void restartBroker(int id) {
        brokers.stop(id);
        brokers.start(id);
    }

    /**
     * Kills services at random, each starting again at once, until it was done often enough or the experiment has ended.
     *
     * @return whom it killed, in order
     */
    public List<String> killAtRandom(int kills, long seed, Duration pace) throws InterruptedException {
        Random random = new Random(seed);
        List<String> killed = new ArrayList<>();
        while (killed.size() < kills && !onlooker.ended()) {
            Thread.sleep(Duration.ofMillis(1 + random.nextLong(2 * pace.toMillis())));
            ServiceKind[] kinds = ServiceKind.values();
            List<String> names = services.names(kinds[random.nextInt(kinds.length)]);
            String name = names.get(random.nextInt(names.size()));
            services.killAndRestart(name);
            killed.add(name);
        }
        return killed;
    }

    @Override
    public void close() {
        services.close();
        onlooker.close();
        brokers.close();
    }
}
