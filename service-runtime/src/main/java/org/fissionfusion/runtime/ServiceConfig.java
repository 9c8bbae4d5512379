package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
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
 *   <li>{@code worker.name}, {@code worker.threads}, {@code worker.device}, {@code worker.lock.duration} (e.g. {@code
 *       30s}), {@code worker.folder} (for files of the running task and the souper's state)
 *   <li>{@code http.host} (default 127.0.0.1), {@code http.port} (default 0: a free one)
 *   <li>{@code dashboard.port}: where a souper shows the dashboard, at {@code http.host}; nowhere by default
 *   <li>{@code log.format}: {@code text} (default) or {@code json}
 * </ul>
 *
 * A variable whose name ends in {@code _FILE} names a file that holds the value, for secrets: {@code
 * FISSIONFUSION_KAFKA_SASL_JAAS_CONFIG_FILE=/run/secrets/jaas}.
 *
 * @param kafka connection of the Kafka clients, {@code bootstrap.servers} among it
 * @param registry configuration of the serdes
 * @param dashboard where a souper shows the dashboard
 */
public record ServiceConfig(
        Map<String, String> kafka,
        Map<String, String> registry,
        Path storeRoot,
        WorkerSettings worker,
        HttpSettings http,
        LogFormat log,
        Optional<HttpSettings> dashboard) {

    /** Lock of a task unless configured. */
    public static final Duration DEFAULT_LOCK = Duration.ofSeconds(30);

    private static final String ENVIRONMENT_PREFIX = "FISSIONFUSION_";
    private static final String FILE_SUFFIX = "_FILE";

    /** Read by the launcher script. */
    private static final Set<String> LAUNCHER = Set.of(
            "FISSIONFUSION_JAVA_HOME", "FISSIONFUSION_JAVA_OPTIONS", "FISSIONFUSION_HEAP", "FISSIONFUSION_THREADS");

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
                Map.of(BOOTSTRAP, bootstrapServers),
                Map.of(),
                storeRoot,
                worker,
                new HttpSettings("127.0.0.1", 0),
                LogFormat.TEXT,
                Optional.empty());
    }

    public String bootstrapServers() {
        return kafka.get(BOOTSTRAP);
    }

    /**
     * Reads the configuration from a file, if there is one, and the environment.
     *
     * @throws ConfigException naming the key that is unknown, missing or wrong
     */
    public static ServiceConfig load(Optional<Path> file, Map<String, String> environment) throws IOException {
        Properties properties = new Properties();
        if (file.isPresent()) {
            if (!Files.isRegularFile(file.get())) {
                throw new ConfigException("--config", file.get().toString(), "a properties file that exists");
            }
            try (Reader reader = Files.newBufferedReader(file.get())) {
                properties.load(reader);
            }
        }
        return from(properties, environment);
    }

    private static Map<String, String> fromEnvironment(Map<String, String> environment) {
        Map<String, String> values = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (!name.startsWith(ENVIRONMENT_PREFIX) || LAUNCHER.contains(name)) {
                return;
            }
            boolean inFile = name.endsWith(FILE_SUFFIX);
            String bare =
                    name.substring(ENVIRONMENT_PREFIX.length(), name.length() - (inFile ? FILE_SUFFIX.length() : 0));
            values.put(bare.toLowerCase(Locale.ROOT).replace('_', '.'), inFile ? secret(name, value) : value);
        });
        return values;
    }

    private static String secret(String name, String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new ConfigException(name, file, "a file that can be read");
        }
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
        values.putAll(fromEnvironment(environment));
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
        String name = take(values, "worker.name", defaultName());
        WorkerSettings worker = new WorkerSettings(
                name,
                number("worker.threads", take(values, "worker.threads", "1")),
                duration("worker.lock.duration", take(values, "worker.lock.duration", DEFAULT_LOCK.toSeconds() + "s")),
                take(values, "worker.device", WorkerSettings.CPU),
                Optional.of(take(values, "worker.folder", ""))
                        .filter(folder -> !folder.isBlank())
                        .map(Path::of)
                        .orElseGet(() -> WorkerSettings.defaultFolder(name)));
        HttpSettings http = new HttpSettings(
                take(values, "http.host", "127.0.0.1"), number("http.port", take(values, "http.port", "0")));
        Optional<HttpSettings> dashboard = Optional.ofNullable(values.remove("dashboard.port"))
                .map(port -> new HttpSettings(http.host(), number("dashboard.port", port)));
        LogFormat log = logFormat(take(values, "log.format", "text"));
        String root = take(values, "store.root", "");
        if (!values.isEmpty()) {
            throw new ConfigException(
                    values.keySet().iterator().next(),
                    "an unknown key",
                    BOOTSTRAP + ", kafka.*, schema.registry.* and Confluent's serde keys, store.root, worker.name,"
                            + " worker.threads, worker.device, worker.lock.duration, worker.folder, http.host,"
                            + " http.port");
        }
        if (root.isBlank()) {
            throw new ConfigException("store.root", "nothing", "a folder");
        }
        return new ServiceConfig(kafka, registry, Path.of(root), worker, http, log, dashboard);
    }

    private static LogFormat logFormat(String value) {
        return switch (value) {
            case "text" -> LogFormat.TEXT;
            case "json" -> LogFormat.JSON;
            default -> throw new ConfigException("log.format", value, "text or json");
        };
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
        return "ServiceConfig[kafka=%s, registry=%s, storeRoot=%s, worker=%s, http=%s, log=%s, dashboard=%s]"
                .formatted(shown(kafka), shown(registry), storeRoot, worker, http, log, dashboard);
    }

    private static Map<String, String> shown(Map<String, String> settings) {
        Map<String, String> shown = new TreeMap<>(settings);
        shown.replaceAll((key, value) -> SECRET.matcher(key).matches() ? "***" : value);
        return shown;
    }
}
