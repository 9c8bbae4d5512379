package org.fissionfusion.local.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** One combined broker and controller; its folder keeps its data over restarts. */
final class BrokerNode {

    /** Where a node listens. */
    record Ports(int broker, int controller) {}

    private final Map<String, String> config;
    private KafkaRaftServer server;

    BrokerNode(int id, Path folder, String clusterId, Map<String, String> config) {
        this.config = new HashMap<>(config);
        this.config.put("node.id", Integer.toString(id));
        this.config.put("log.dirs", folder.toString());
        format(id, folder, clusterId);
    }

    /** The id of the cluster in this folder, made at the first call. */
    static String clusterId(Path folder) {
        Path file = folder.resolve("cluster.id");
        try {
            Files.createDirectories(folder);
            if (!Files.exists(file)) {
                Files.writeString(file, Uuid.randomUuid().toString());
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + folder + " for the embedded broker", e);
        }
    }

    private static void format(int id, Path folder, String clusterId) {
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            Files.createDirectories(folder);
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(id)
                    .setClusterId(clusterId)
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setIgnoreFormatted(true)
                    .setControllerListenerName(BrokerDefaults.CONTROLLER)
                    .setMetadataLogDirectory(folder.toString())
                    .setDirectories(List.of(folder.toString()))
                    .run();
        } catch (Exception e) {
            throw new BrokerStartException("cannot format " + folder + " for the embedded broker", e);
        }
    }

    synchronized void start() {
        KafkaRaftServer starting = new KafkaRaftServer(new KafkaConfig(config, false), Time.SYSTEM);
        try {
            starting.startup();
            server = starting;
        } catch (RuntimeException | Error e) {
            starting.shutdown();
            throw new BrokerStartException("the embedded broker did not start: " + e.getMessage(), e);
        }
    }

    synchronized void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }
}
