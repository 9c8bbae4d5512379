package org.fissionfusion.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
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

    /** Brokers refuse a record whose producer's clock is an hour ahead of theirs, so they write down their own time. */
    private static final String TIME_KEY = "message.timestamp.type";

    private static final String TIME_OF_THE_BROKER = "LogAppendTime";
    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(20);

    /** Partitions as {@link Topics} says, replicas as the broker says. */
    public static final TopicSetup CLUSTER = new TopicSetup(Topics.DEFAULT_KEYED_PARTITIONS, Optional.empty());

    public TopicSetup {
        if (keyedPartitions < 1) {
            throw new IllegalArgumentException("keyedPartitions must be at least 1, not " + keyedPartitions);
        }
    }

    /**
     * Creates the topics that are missing, then {@link #verify verifies} all.
     *
     * @return the names of those it created
     */
    public List<String> createMissing(Admin admin) {
        List<String> created = create(admin, missing(admin));
        verifyOnceKnown(admin);
        return created;
    }

    /** The topics that do not exist. */
    public List<Topic<?>> missing(Admin admin) {
        Set<String> existing = get(admin.listTopics().names());
        return Topics.ALL.stream()
                .filter(topic -> !existing.contains(topic.name()))
                .toList();
    }

    private List<String> create(Admin admin, List<Topic<?>> missing) {
        List<String> names = new ArrayList<>();
        Map<String, KafkaFuture<Void>> creating = admin.createTopics(
                        missing.stream().map(this::newTopic).toList())
                .values();
        creating.forEach((name, created) -> {
            try {
                get(created);
                names.add(name);
            } catch (TopicExistsException ignored) {
                // another instance was faster
            }
        });
        return names;
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
     * @throws TopicMismatchException when a difference {@link Difference#matters matters}
     */
    public void verify(Admin admin) {
        List<String> wrong = differences(admin).stream()
                .filter(Difference::matters)
                .map(Difference::toString)
                .toList();
        if (!wrong.isEmpty()) {
            throw new TopicMismatchException(wrong);
        }
    }

    /** Every way in which the topics are not as declared; all must exist. */
    public List<Difference> differences(Admin admin) {
        List<String> names = Topics.ALL.stream().<String>map(Topic::name).toList();
        Map<String, TopicDescription> descriptions =
                get(admin.describeTopics(names).allTopicNames());
        Map<ConfigResource, Config> configs = get(
                admin.describeConfigs(names.stream().map(TopicSetup::resource).toList())
                        .all());
        int together =
                descriptions.get(Topics.EXPERIMENT_COMMANDS.name()).partitions().size();
        List<Difference> differences = new ArrayList<>();
        for (Topic<?> topic : Topics.ALL) {
            partitions(topic, descriptions.get(topic.name()).partitions().size(), together)
                    .ifPresent(differences::add);
            Config config = configs.get(resource(topic.name()));
            new TreeMap<>(config(topic)).forEach((key, declared) -> {
                String found = config.get(key).value();
                if (!found.equals(declared)) {
                    boolean matters = key.equals("cleanup.policy")
                            || !(topic.retention() instanceof Retention.For || key.equals(TIME_KEY));
                    differences.add(new Difference("topic " + topic.name(), key, found, declared, matters));
                }
            });
        }
        return differences;
    }

    /** @param together partitions that all keyed topics share: one experiment is in the same partition of each */
    private Optional<Difference> partitions(Topic<?> topic, int found, int together) {
        int declared = topic.partitions(keyedPartitions);
        if (found == declared) {
            return Optional.empty();
        }
        boolean matters = switch (topic.layout()) {
            case QUEUE -> true;
            case KEYED -> found != together;
        };
        return Optional.of(new Difference(
                "topic " + topic.name(), "partitions", Integer.toString(found), Integer.toString(declared), matters));
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private NewTopic newTopic(Topic<?> topic) {
        return new NewTopic(topic.name(), Optional.of(topic.partitions(keyedPartitions)), replication)
                .configs(config(topic));
    }

    private static Map<String, String> config(Topic<?> topic) {
        Map<String, String> config = new TreeMap<>(topic.retention().topicConfig());
        config.put(TIME_KEY, TIME_OF_THE_BROKER);
        return config;
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
