package org.fissionfusion.local.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;

/** Where the nodes of a cluster listen whose nodes are processes of their own, see {@link NodeMain}. */
public final class ClusterLayout {
    private static final String DETOUR = "DETOUR";

    private final Path folder;
    private final String clusterId;
    private final SortedMap<Integer, BrokerNode.Ports> ports;

    /**
     * A second way to a broker.
     *
     * @param port where the broker listens
     * @param advertised the port that clients which come this way are told
     */
    public record Detour(int port, int advertised) {}

    /**
     * Chooses free ports.
     *
     * @param folder keeps the data of all nodes
     * @param count of nodes, numbered from 1
     */
    public ClusterLayout(Path folder, int count) {
        this.folder = folder.toAbsolutePath().normalize();
        this.clusterId = BrokerNode.clusterId(this.folder);
        this.ports = new PortChoice(this.folder).choose(count, 0);
    }

    /** Ids of the nodes. */
    public Set<Integer> ids() {
        return ports.keySet();
    }

    public String bootstrapServers() {
        return BrokerDefaults.bootstrapServers(ports);
    }

    /**
     * What {@link NodeMain} is started with.
     *
     * @param detours none, or one
     */
    public List<String> arguments(int id, List<Detour> detours) {
        Map<String, String> config = BrokerDefaults.of(id, ports);
        for (Detour detour : detours) {
            int direct = ports.get(id).broker();
            config.merge("listeners", DETOUR + "://127.0.0.1:" + detour.port(), (all, one) -> all + "," + one);
            config.put(
                    "advertised.listeners",
                    "PLAINTEXT://127.0.0.1:%d,%s://127.0.0.1:%d".formatted(direct, DETOUR, detour.advertised()));
            config.put(
                    "listener.security.protocol.map",
                    "PLAINTEXT:PLAINTEXT,%s:PLAINTEXT,%s:PLAINTEXT".formatted(BrokerDefaults.CONTROLLER, DETOUR));
            config.put("inter.broker.listener.name", "PLAINTEXT");
        }
        Path file = folder.resolve("node-" + id + ".properties");
        Properties properties = new Properties();
        properties.putAll(config);
        try (OutputStream out = Files.newOutputStream(file)) {
            properties.store(out, "settings of a node");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        return List.of(Integer.toString(id), folder.resolve("node-" + id).toString(), clusterId, file.toString());
    }
}
