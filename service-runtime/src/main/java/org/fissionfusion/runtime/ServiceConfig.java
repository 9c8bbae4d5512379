package org.fissionfusion.runtime;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fissionfusion.schemas.SerdeFactory;

/**
 * Configuration of a service. Keys, from a properties file or as {@code FISSIONFUSION_BOOTSTRAP_SERVERS} and so on from
 * the environment, which wins:
 *
 * <ul>
 *   <li>{@code bootstrap.servers} (required), {@code kafka.*}: passed to every Kafka client
 *   <li>{@code schema.registry.url} (default {@code bundled://}) and Confluent's other keys of the serdes
 *   <li>{@code store.root} (required): folder of the object store
 *   <li>{@code worker.name}, {@code worker.threads}, {@code worker.lock.duration} (e.g. {@code 30s})
 *   <li>{@code http.host} (default 127.0.0.1), {@code http.port} (default 0: a free one)
 * </ul>
 *
 * @param kafka connection of the Kafka clients, {@code bootstrap.servers} among it
 * @param registry configuration of the serdes
 */
public record ServiceConfig(
        Map<String, String> kafka,
        Map<String, String> registry,
        Path storeRoot,
        WorkerSettings worker,
        HttpSettings http) {

    /** Lock of a task unless configured. */
    public static final Duration DEFAULT_LOCK = Duration.ofSeconds(30);

    private static final String ENVIRONMENT_PREFIX = "FISSIONFUSION_";
    private static final String KAFKA_PREFIX = "kafka.";
    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final Pattern DURATION = Pattern.compile("([0-9]+)(ms|s|m|h)");
    private static final Pattern SECRET = Pattern.compile(".*(password|secret|token|user\\.info|jaas).*");

    public ServiceConfig {
        kafka = Map.copyOf(kafka);
        registry = Map.copyOf(registry);
        if (kafka.getOrDefault(BOOTSTRAP, "").isBlank()) {
            throw new ConfigException(BOOTSTRAP, "nothing", "host:port[,host:port…]");
        }
    }

    /** For services wired in one JVM. */
    public static ServiceConfig local(String bootstrapServers, Path storeRoot, WorkerSettings worker) {
        return new ServiceConfig(
                Map.of(BOOTSTRAP, bootstrapServers), Map.of(), storeRoot, worker, new HttpSettings("127.0.0.1", 0));
    }

    public String bootstrapServers() {
        return kafka.get(BOOTSTRAP);
    }

    /**
     * Reads the configuration.
     *
     * @throws ConfigException naming the key that is unknown, missing or wrong
     */
    public static ServiceConfig from(Properties properties, Map<String, String> environment) {
        Map<String, String> values = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            values.put(key, properties.getProperty(key));
        }
        environment.forEach((name, value) -> {
            if (name.startsWith(ENVIRONMENT_PREFIX)) {
                String key = name.substring(ENVIRONMENT_PREFIX.length()).toLowerCase(Locale.ROOT);
                values.put(key.replace('_', '.'), value);
            }
        });
        Map<String, String> kafka = new TreeMap<>();
        Map<String, String> registry = new TreeMap<>();
        values.entrySet().removeIf(entry -> {
            String key = entry.getKey();
            if (key.equals(BOOTSTRAP)) {
                kafka.put(key, entry.getValue());
            } else if (key.startsWith(KAFKA_PREFIX)) {
                kafka.put(key.substring(KAFKA_PREFIX.length()), entry.getValue());
            } else if (SerdeFactory.understands(key)) {
                registry.put(key, entry.getValue());
            } else {
                return false;
            }
            return true;
        });
        WorkerSettings worker = new WorkerSettings(
                take(values, "worker.name", defaultName()),
                number("worker.threads", take(values, "worker.threads", "1")),
                duration("worker.lock.duration", take(values, "worker.lock.duration", DEFAULT_LOCK.toSeconds() + "s")));
        HttpSettings http = new HttpSettings(
                take(values, "http.host", "127.0.0.1"), number("http.port", take(values, "http.port", "0")));
        String root = take(values, "store.root", "");
        if (!values.isEmpty()) {
            throw new ConfigException(
                    values.keySet().iterator().next(),
                    "an unknown key",
                    BOOTSTRAP + ", kafka.*, schema.registry.* and Confluent's serde keys, store.root, worker.name,"
                            + " worker.threads, worker.lock.duration, http.host, http.port");
        }
        if (root.isBlank()) {
            throw new ConfigException("store.root", "nothing", "a folder");
        }
        return new ServiceConfig(kafka, registry, Path.of(root), worker, http);
    }

    private static String take(Map<String, String> values, String key, String otherwise) {
        String value = values.remove(key);
        return value == null ? otherwise : value.strip();
    }

    private static String defaultName() {
        return ManagementFactory.getRuntimeMXBean().getName().replaceAll("[^A-Za-z0-9._-]", "-");
    }

    private static int number(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new ConfigException(key, value, "a whole number");
        }
    }

    private static Duration duration(String key, String value) {
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw new ConfigException(key, value, "a number and ms, s, m or h, e.g. 30s");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "ServiceConfig[kafka=%s, registry=%s, storeRoot=%s, worker=%s, http=%s]"
                .formatted(shown(kafka), shown(registry), storeRoot, worker, http);
    }

    private static Map<String, String> shown(Map<String, String> settings) {
        Map<String, String> shown = new TreeMap<>(settings);
        shown.replaceAll((key, value) -> SECRET.matcher(key).matches() ? "***" : value);
        return shown;
    }
}
