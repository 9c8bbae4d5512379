package org.fissionfusion.local.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.local.kafka.ClusterLayout;
import org.fissionfusion.local.kafka.NodeMain;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;

/** Brokers, a schema registry and every service, each in a process of its own, and one experiment. */
public final class ChaosLab implements AutoCloseable {
    /** Name of the process of the schema registry. */
    public static final String REGISTRY = "registry";

    /** The trainer that can be {@link #cut} off, where the setting has cables. */
    public static final String FAR_TRAINER = "trainer-1";

    private static final Duration CLUSTER_PATIENCE = Duration.ofMinutes(3);

    /** Short, so that the task of a killed worker comes back soon. */
    private static final Duration LOCK = Duration.ofSeconds(4);

    private final Setting setting;
    private final Processes processes;
    private final ClusterLayout brokers;
    private final String registry;
    private final List<Cable> cables = new ArrayList<>();
    private final KafkaClients clients;
    private final Onlooker onlooker;

    /**
     * What the experiment runs on.
     *
     * @param folder for brokers, registry and services
     * @param keys configuration that services have beside names and addresses: the store, at least
     * @param options of the JVMs of a role
     * @param brokers how many
     * @param cabled whether {@link #FAR_TRAINER} reaches the brokers over cables that can be cut
     */
    public record Setting(
            Path folder, Map<String, String> keys, Map<Role, List<String>> options, int brokers, boolean cabled) {

        /** Three brokers and a store in a folder. */
        public static Setting of(Path folder, Path store) {
            return new Setting(folder, Map.of("store.uri", store.toString()), Map.of(), 3, false);
        }

        Processes.Program program(Role role, Class<?> main, List<String> arguments) {
            return new Processes.Program(role, main, options.getOrDefault(role, List.of()), arguments);
        }
    }

    private ChaosLab(Setting setting, String experimentId) throws InterruptedException {
        this.setting = setting;
        this.processes = new Processes(setting.folder());
        this.brokers = new ClusterLayout(setting.folder().resolve("kafka"), setting.brokers());
        int port = freePort();
        this.registry = "http://127.0.0.1:" + port;
        this.clients = new KafkaClients(
                Map.of("bootstrap.servers", brokers.bootstrapServers()),
                SerdeFactory.from(Map.of("schema.registry.url", registry)),
                "onlooker");
        startBrokers();
        startRegistry(port);
        start(Role.SOUPER, "souper-1");
        start(Role.EVALUATOR, "evaluator-1");
        start(Role.TRAINER, FAR_TRAINER);
        start(Role.TRAINER, "trainer-2");
        makeTopics();
        this.onlooker = new Onlooker(clients, experimentId);
    }

    /** Starts everything and asks for the experiment. */
    public static ChaosLab open(Setting setting, ExperimentRequest request) throws InterruptedException {
        ChaosLab lab = new ChaosLab(setting, request.experimentId());
        try (EventPublisher publisher = new EventPublisher(lab.clients)) {
            publisher.publish(
                    Topics.EXPERIMENT_COMMANDS,
                    request.experimentId(),
                    new ExperimentCommand(request.experimentId(), RequestMapper.toEvent(request)));
        }
        return lab;
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("there is no free port", e);
        }
    }

    private void startBrokers() {
        for (int id : brokers.ids()) {
            List<ClusterLayout.Detour> detours = new ArrayList<>();
            if (setting.cabled()) {
                int port = freePort();
                Cable cable = new Cable(port);
                cables.add(cable);
                detours.add(new ClusterLayout.Detour(port, cable.port()));
            }
            processes.start(broker(id), setting.program(Role.BROKER, NodeMain.class, brokers.arguments(id, detours)));
        }
    }

    private void startRegistry(int port) {
        Path schemas = setting.folder().resolve("schemas.tsv");
        List<String> arguments = List.of(Integer.toString(port), schemas.toString());
        processes.start(REGISTRY, setting.program(Role.REGISTRY, RegistryMain.class, arguments));
    }

    /** Name of a broker's process. */
    public static String broker(int id) {
        return "broker-" + id;
    }

    private void start(Role role, String name) {
        start(role, name, Map.of());
    }

    /**
     * Starts another service; the first ones are there from the beginning.
     *
     * @param keys put over its configuration
     */
    public void start(Role role, String name, Map<String, String> keys) {
        boolean far = !cables.isEmpty() && name.equals(FAR_TRAINER);
        String servers = far
                ? cables.stream().map(cable -> "127.0.0.1:" + cable.port()).collect(Collectors.joining(","))
                : brokers.bootstrapServers();
        Properties config = new Properties();
        config.putAll(Map.of(
                "bootstrap.servers", servers,
                "schema.registry.url", registry,
                "worker.name", name,
                "worker.lock.duration", LOCK.toSeconds() + "s",
                "worker.folder", setting.folder().resolve(name).toString()));
        config.putAll(setting.keys());
        config.putAll(keys);
        Path file = setting.folder().resolve(name + ".properties");
        try (OutputStream out = Files.newOutputStream(file)) {
            config.store(out, "configuration of a service");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        processes.start(name, setting.program(role, ServiceMain.class, List.of(role.name(), file.toString())));
    }

    private void makeTopics() throws InterruptedException {
        long end = System.nanoTime() + CLUSTER_PATIENCE.toNanos();
        try (Admin admin = clients.admin()) {
            while (nodes(admin) < setting.brokers()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("the brokers did not start: " + processes.ended());
                }
                Thread.sleep(100);
            }
            TopicSetup.CLUSTER.createMissing(admin);
        }
    }

    private static int nodes(Admin admin) throws InterruptedException {
        try {
            return admin.describeCluster().nodes().get().size();
        } catch (ExecutionException e) {
            return 0; // not one of them answers yet
        }
    }

    public Processes processes() {
        return processes;
    }

    public Onlooker onlooker() {
        return onlooker;
    }

    public KafkaClients clients() {
        return clients;
    }

    /** Cuts {@link #FAR_TRAINER} off from all brokers; it still reaches store and registry. */
    public void cut() {
        cables.forEach(Cable::cut);
    }

    /** Ends the {@link #cut}. */
    public void mend() {
        cables.forEach(Cable::mend);
    }

    /**
     * Kills processes of these roles at random, each starting again at once, until it was done often enough or the
     * experiment has ended.
     *
     * @return whom it killed, in order
     */
    public List<String> killAtRandom(List<Role> roles, int kills, Random random, Duration pace)
            throws InterruptedException {
        List<String> killed = new ArrayList<>();
        while (killed.size() < kills && !onlooker.ended()) {
            Thread.sleep(Duration.ofMillis(1 + random.nextLong(2 * pace.toMillis())));
            List<String> names = processes.names(roles.get(random.nextInt(roles.size())));
            String name = names.get(random.nextInt(names.size()));
            processes.killAndRestart(name);
            killed.add(name);
        }
        return killed;
    }

    @Override
    public void close() {
        onlooker.close();
        processes.close();
        cables.forEach(Cable::close);
    }
}
