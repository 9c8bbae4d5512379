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
import java.util.regex.Pattern;
import org.fissionfusion.schemas.SerdeFactory;

/**
 * Configuration of a service. Keys, from a properties file or as {@code FISSIONFUSION_BOOTSTRAP_SERVERS} and so on from
 * the environment, which wins:
 *
 * <ul>
 *   <li>{@code bootstrap.servers} (required), {@code kafka.*}: passed to every Kafka client
 *   <li>{@code schema.registry.url} (default {@code bundled://}) and Confluent's other keys of the serdes
 *   <li>{@code store.uri} (required): {@code file:///folder}, {@code s3://bucket/prefix} or the path of a folder
 *   <li>{@code store.s3.endpoint}, {@code store.s3.region}, {@code store.s3.path.style} (default: true with an endpoint),
 *       {@code store.s3.part.size} ({@code 16MiB}), {@code store.s3.timeout} ({@code 30s}), {@code store.s3.attempts} (4)
 *   <li>{@code store.cache.folder}, {@code store.cache.size} ({@code 20GiB}): local copies of what S3 holds
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
 * @param store where files are
 * @param dashboard where a souper shows the dashboard
 */
public record ServiceConfig(
        Map<String, String> kafka,
        Map<String, String> registry,
        StoreSettings store,
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
                new StoreSettings.Folder(storeRoot),
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

    /**
     * The keys that variables of these names stand for, with their values.
     *
     * @throws ConfigException when a variable names a file that cannot be read
     */
    public static Map<String, String> fromEnvironment(Map<String, String> environment) {
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
        ConfigValues rest = new ConfigValues(values);
        String name = rest.text("worker.name").orElseGet(ServiceConfig::defaultName);
        WorkerSettings worker = new WorkerSettings(
                name,
                rest.number("worker.threads", 1),
                rest.duration("worker.lock.duration", DEFAULT_LOCK),
                rest.text("worker.device").orElse(WorkerSettings.CPU),
                rest.text("worker.folder").map(Path::of).orElseGet(() -> WorkerSettings.defaultFolder(name)));
        HttpSettings http = new HttpSettings(rest.text("http.host").orElse("127.0.0.1"), rest.number("http.port", 0));
        Optional<HttpSettings> dashboard =
                rest.number("dashboard.port").map(port -> new HttpSettings(http.host(), port));
        LogFormat log = logFormat(rest.text("log.format").orElse("text"));
        StoreSettings store = StoreSettings.take(rest);
        rest.unknown().ifPresent(key -> {
            throw new ConfigException(
                    key,
                    "an unknown key",
                    BOOTSTRAP + ", kafka.*, schema.registry.* and Confluent's serde keys, " + StoreSettings.KEYS
                            + ", worker.name, worker.threads, worker.device, worker.lock.duration, worker.folder,"
                            + " http.host, http.port, dashboard.port, log.format");
        });
        return new ServiceConfig(kafka, registry, store, worker, http, log, dashboard);
    }

    private static LogFormat logFormat(String value) {
        return switch (value) {
            case "text" -> LogFormat.TEXT;
            case "json" -> LogFormat.JSON;
            default -> throw new ConfigException("log.format", value, "text or json");
        };
    }

    private static String defaultName() {
        return ManagementFactory.getRuntimeMXBean().getName().replaceAll("[^A-Za-z0-9._-]", "-");
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "ServiceConfig[kafka=%s, registry=%s, store=%s, worker=%s, http=%s, log=%s, dashboard=%s]"
                .formatted(shown(kafka), shown(registry), store, worker, http, log, dashboard);
    }

    private static Map<String, String> shown(Map<String, String> settings) {
        Map<String, String> shown = new TreeMap<>(settings);
        shown.replaceAll((key, value) -> SECRET.matcher(key).matches() ? "***" : value);
        return shown;
    }
}
