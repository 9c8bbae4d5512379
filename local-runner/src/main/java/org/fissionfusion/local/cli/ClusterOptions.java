package org.fissionfusion.local.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.SerdeFactory;
import picocli.CommandLine.Option;

/** How a command reaches a cluster; options have the names that Kafka's own tools use. */
final class ClusterOptions {
    private static final String BOOTSTRAP = "bootstrap.servers";

    @Option(
            names = {"-b", "--bootstrap-servers"},
            paramLabel = "HOST:PORT[,...]",
            defaultValue = "${env:FISSIONFUSION_BOOTSTRAP_SERVERS}",
            description = "brokers to ask first, default: $FISSIONFUSION_BOOTSTRAP_SERVERS")
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "a properties file with settings of Kafka clients (SASL, TLS) and of the registry")
    private Path commandConfig;

    @Option(
            names = "--schema-registry",
            paramLabel = "URL",
            defaultValue = "${env:FISSIONFUSION_SCHEMA_REGISTRY_URL:-bundled://}",
            description = "default: $FISSIONFUSION_SCHEMA_REGISTRY_URL, else the schema table of this version")
    private String registry;

    /** Clients with this connection. */
    KafkaClients clients() throws IOException, RunRefused {
        Map<String, String> kafka = new TreeMap<>();
        Map<String, String> serdes = new TreeMap<>();
        Properties file = file();
        for (String key : file.stringPropertyNames()) {
            (SerdeFactory.understands(key) ? serdes : kafka).put(key, file.getProperty(key));
        }
        if (bootstrapServers != null && !bootstrapServers.isBlank()) {
            kafka.put(BOOTSTRAP, bootstrapServers);
        }
        if (!kafka.containsKey(BOOTSTRAP)) {
            throw new RunRefused("--bootstrap-servers is missing: say host:port of a broker");
        }
        serdes.putIfAbsent("schema.registry.url", registry);
        return new KafkaClients(
                kafka,
                SerdeFactory.from(serdes),
                "fissionfusion-" + ProcessHandle.current().pid());
    }

    private Properties file() throws IOException {
        Properties properties = new Properties();
        if (commandConfig != null) {
            if (!Files.isRegularFile(commandConfig)) {
                throw new NoSuchFileException(commandConfig.toString());
            }
            try (Reader reader = Files.newBufferedReader(commandConfig)) {
                properties.load(reader);
            }
        }
        return properties;
    }
}
