package org.fissionfusion.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates missing topics and verifies those that exist; it never changes one.
 *
 * @param keyedPartitions partitions of topics keyed by experiment
 * @param replication replication factor, or empty for the broker's default
 */
public record TopicSetup(int keyedPartitions, Optional<Short> replication) {

    /** One partition and one replica: everything in one JVM. */
    public static final TopicSetup LOCAL = new TopicSetup(1, Optional.of((short) 1));

    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(20);

    /** Partitions as {@link Topics} says, replicas as the broker says. */
    public static final TopicSetup CLUSTER = new TopicSetup(Topics.DEFAULT_KEYED_PARTITIONS, Optional.empty());

    public TopicSetup {
        if (keyedPartitions < 1) {
            throw new IllegalArgumentException("keyedPartitions must be at least 1, not " + keyedPartitions);
        }
    }

    /** Creates the topics that are missing, then {@link #verify verifies} all. */
    public void createMissing(Admin admin) {
        Set<String> existing = get(admin.listTopics().names());
        List<NewTopic> missing = Topics.ALL.stream()
                .filter(topic -> !existing.contains(topic.name()))
                .map(this::newTopic)
                .toList();
        for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
            try {
                get(created);
            } catch (TopicExistsException ignored) {
                // another instance was faster
            }
        }
        verifyOnceKnown(admin);
    }

    /** A broker learns of a topic that another one made a moment later. */
    private void verifyOnceKnown(Admin admin) {
        long end = System.nanoTime() + KNOWN_WITHIN.toNanos();
        while (true) {
            try {
                verify(admin);
                return;
            } catch (UnknownTopicOrPartitionException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(100));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /**
     * Compares what exists with what is declared.
     *
     * @throws TopicMismatchException when a topic has other partitions or another retention than declared
     */
    public void verify(Admin admin) {
        List<String> names =
                Topics.ALL.stream().map(topic -> (String) topic.name()).toList();
        Map<String, TopicDescription> descriptions =
                get(admin.describeTopics(names).allTopicNames());
        Map<ConfigResource, org.apache.kafka.clients.admin.Config> configs = get(admin.describeConfigs(names.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList())
                .all());
        List<String> differences = new ArrayList<>();
        for (Topic<?> topic : Topics.ALL) {
            int partitions = descriptions.get(topic.name()).partitions().size();
            boolean wrong = switch (topic.layout()) {
                case QUEUE -> partitions != 1;
                case KEYED -> partitions != keyedPartitions;
            };
            if (wrong) {
                differences.add("%s has %d partitions, not %d"
                        .formatted(topic.name(), partitions, topic.partitions(keyedPartitions)));
            }
            var config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
            new LinkedHashMap<>(topic.retention().topicConfig()).forEach((key, value) -> {
                String found = config.get(key).value();
                if (!found.equals(value)) {
                    differences.add("%s has %s=%s, not %s".formatted(topic.name(), key, found, value));
                }
            });
        }
        if (!differences.isEmpty()) {
            throw new TopicMismatchException(differences);
        }
    }

    private NewTopic newTopic(Topic<?> topic) {
        return new NewTopic(topic.name(), Optional.of(topic.partitions(keyedPartitions)), replication)
                .configs(topic.retention().topicConfig());
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException known) {
                throw known;
            }
            throw new KafkaException(e.getCause());
        }
    }
}
