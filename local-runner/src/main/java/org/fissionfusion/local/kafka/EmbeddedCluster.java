package org.fissionfusion.local.kafka;

import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Several Kafka nodes in this JVM, each a broker and a controller. */
public final class EmbeddedCluster implements AutoCloseable {
    private final Path folder;
    private final String bootstrapServers;
    private final SortedMap<Integer, BrokerNode> nodes = new TreeMap<>();

    /**
     * Prepares the nodes; {@link #start()} starts them.
     *
     * @param folder keeps the data of all nodes over restarts
     * @param count of nodes, numbered from 1
     * @param port of the first broker; 0 takes free ports and remembers them
     * @param onFault told once a node stops on a fault that can't be repaired
     */
    public EmbeddedCluster(Path folder, int count, int port, Consumer<String> onFault) {
        this.folder = folder.toAbsolutePath().normalize();
        String clusterId = BrokerNode.clusterId(this.folder);
        SortedMap<Integer, BrokerNode.Ports> ports = new PortChoice(this.folder).choose(count, port);
        bootstrapServers = BrokerDefaults.bootstrapServers(ports);
        BrokerFaults.listen(this.folder, onFault);
        for (int id : ports.keySet()) {
            nodes.put(
                    id, new BrokerNode(id, this.folder.resolve("node-" + id), clusterId, BrokerDefaults.of(id, ports)));
        }
    }

    /** Starts every node. */
    public void start() {
        together(BrokerNode::start);
    }

    /** Starts one node that was stopped. */
    public void start(int id) {
        nodes.get(id).start();
    }

    /** Stops one node. */
    public void stop(int id) {
        nodes.get(id).stop();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Stops every node; close clients first. */
    @Override
    public void close() {
        together(BrokerNode::stop);
        BrokerFaults.forget(folder);
    }

    private void together(Consumer<BrokerNode> action) {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            CompletableFuture.allOf(nodes.values().stream()
                            .map(node -> CompletableFuture.runAsync(() -> action.accept(node), threads))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        }
    }
}
