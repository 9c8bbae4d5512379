package org.fissionfusion.local.kafka;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Settings of a small broker that starts fast, also after it was killed. */
final class BrokerDefaults {
    static final String CONTROLLER = "CONTROLLER";
    private static final String HOST = "127.0.0.1";

    private BrokerDefaults() {}

    /** Settings of one node of a cluster with these ports. */
    static Map<String, String> of(int id, SortedMap<Integer, BrokerNode.Ports> cluster) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("process.roles", "broker,controller");
        config.put(
                "controller.quorum.voters",
                cluster.entrySet().stream()
                        .map(node -> "%d@%s:%d"
                                .formatted(node.getKey(), HOST, node.getValue().controller()))
                        .collect(Collectors.joining(",")));
        config.put("controller.listener.names", CONTROLLER);
        config.put(
                "listeners",
                "PLAINTEXT://%s:%d,%s://%s:%d"
                        .formatted(
                                HOST,
                                cluster.get(id).broker(),
                                CONTROLLER,
                                HOST,
                                cluster.get(id).controller()));
        config.put("auto.create.topics.enable", "false");
        replication(config, cluster.size());
        fastGroups(config);
        fastRestart(config);
        smallMemory(config);
        return config;
    }

    static String bootstrapServers(SortedMap<Integer, BrokerNode.Ports> cluster) {
        return cluster.values().stream()
                .map(ports -> HOST + ":" + ports.broker())
                .collect(Collectors.joining(","));
    }

    private static void replication(Map<String, String> config, int nodes) {
        String replicas = Integer.toString(Math.min(3, nodes));
        String inSync = nodes >= 3 ? "2" : "1";
        String partitions = nodes == 1 ? "1" : "4";
        config.put("default.replication.factor", replicas);
        config.put("min.insync.replicas", inSync);
        config.put("offsets.topic.replication.factor", replicas);
        config.put("offsets.topic.num.partitions", partitions);
        for (String topic : new String[] {"transaction.state.log", "share.coordinator.state.topic"}) {
            config.put(topic + ".replication.factor", replicas);
            config.put(topic + ".min.isr", inSync);
            config.put(topic + ".num.partitions", partitions);
        }
    }

    private static void fastGroups(Map<String, String> config) {
        config.put("group.initial.rebalance.delay.ms", "0");
        config.put("group.min.session.timeout.ms", "1000");
        for (String bound : new String[] {"", "min."}) {
            config.put("group.share." + bound + "heartbeat.interval.ms", "500");
            config.put("group.share." + bound + "session.timeout.ms", "6000");
        }
        config.put("group.share.assignment.interval.ms", "0");
        config.put("group.share.min.record.lock.duration.ms", "1000");
        config.put("group.share.max.record.lock.duration.ms", "3600000");
        config.put("group.share.max.delivery.count.limit", "25");
    }

    /** After kill -9: a node is known to be gone, and its open transactions end, within seconds. */
    private static void fastRestart(Map<String, String> config) {
        config.put("broker.session.timeout.ms", "2000");
        config.put("broker.heartbeat.interval.ms", "500");
        config.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
        config.put("controlled.shutdown.enable", "true");
    }

    private static void smallMemory(Map<String, String> config) {
        config.put("log.cleaner.dedupe.buffer.size", "2097152");
        config.put("log.cleaner.threads", "1");
        config.put("num.network.threads", "2");
        config.put("num.io.threads", "2");
        config.put("background.threads", "2");
        config.put("num.recovery.threads.per.data.dir", "1");
        config.put("log.segment.bytes", "268435456");
    }
}
