package org.fissionfusion.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.fissionfusion.schemas.Difference;

/**
 * A share group and the settings it needs; what a site has set is left as it is.
 *
 * @param name of the group
 * @param settings of the group's configuration resource
 */
public record ShareGroup(String name, SortedMap<String, String> settings) {
    /** Any other value skips tasks, or takes tasks of transactions that never were. */
    private static final Set<String> VITAL = Set.of("share.auto.offset.reset", "share.isolation.level");

    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(30);

    /** The group of the queue. */
    static ShareGroup of(QueueSettings<?> queue) {
        return of(queue.group(), queue.lock(), queue.deliveryLimit());
    }

    /** The group of a role's workers, with the usual lock. */
    public static ShareGroup usual(String name) {
        return of(name, ServiceConfig.DEFAULT_LOCK, QueueSettings.DEFAULT_DELIVERY_LIMIT);
    }

    private static ShareGroup of(String name, Duration lock, int deliveryLimit) {
        return new ShareGroup(
                name,
                new TreeMap<>(Map.of(
                        "share.auto.offset.reset",
                        "earliest",
                        "share.isolation.level",
                        "read_committed",
                        "share.record.lock.duration.ms",
                        Long.toString(lock.toMillis()),
                        "share.delivery.count.limit",
                        Integer.toString(deliveryLimit))));
    }

    /**
     * Sets what nobody has set.
     *
     * @return the settings it made
     */
    public List<String> setMissing(Admin admin) {
        List<String> missing = unset(admin);
        List<AlterConfigOp> changes = missing.stream()
                .map(key -> new AlterConfigOp(new ConfigEntry(key, settings.get(key)), AlterConfigOp.OpType.SET))
                .toList();
        if (!changes.isEmpty()) {
            get(admin.incrementalAlterConfigs(Map.of(resource(), changes)).all(), "configure");
            awaitKnown(admin);
        }
        return missing;
    }

    private List<String> unset(Admin admin) {
        Config found = describe(admin);
        return settings.keySet().stream()
                .filter(key -> found.get(key) == null
                        || found.get(key).source() != ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG)
                .toList();
    }

    /** The broker that answers learns of the change a moment after the controller. */
    private void awaitKnown(Admin admin) {
        long end = System.nanoTime() + KNOWN_WITHIN.toNanos();
        while (!unset(admin).isEmpty()) {
            if (System.nanoTime() > end) {
                throw new KafkaException("the settings of share group " + name + " are not known to the brokers after "
                        + KNOWN_WITHIN.toSeconds() + " s");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }

    /** Every setting that is another than declared. */
    public List<Difference> differences(Admin admin) {
        Config found = describe(admin);
        List<Difference> differences = new ArrayList<>();
        settings.forEach((key, declared) -> {
            ConfigEntry entry = found.get(key);
            String value = entry == null ? "nothing" : entry.value();
            if (!value.equals(declared)) {
                differences.add(new Difference("share group " + name, key, value, declared, VITAL.contains(key)));
            }
        });
        return differences;
    }

    private Config describe(Admin admin) {
        return get(admin.describeConfigs(List.of(resource())).all(), "describe").get(resource());
    }

    private ConfigResource resource() {
        return new ConfigResource(ConfigResource.Type.GROUP, name);
    }

    private <T> T get(KafkaFuture<T> future, String what) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw new KafkaException(
                    "cannot " + what + " the share group " + name + ": "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
    }
}
