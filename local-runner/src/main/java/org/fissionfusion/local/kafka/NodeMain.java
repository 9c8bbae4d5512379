package org.fissionfusion.local.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** One Kafka node in a process of its own, which ends with whoever started it. */
public final class NodeMain {
    private NodeMain() {}

    /** Arguments: id, folder, cluster id, settings. */
    public static void main(String[] arguments) throws IOException {
        Properties settings = new Properties();
        try (InputStream in = Files.newInputStream(Path.of(arguments[3]))) {
            settings.load(in);
        }
        Map<String, String> config =
                settings.stringPropertyNames().stream().collect(Collectors.toMap(key -> key, settings::getProperty));
        BrokerNode node = new BrokerNode(Integer.parseInt(arguments[0]), Path.of(arguments[1]), arguments[2], config);
        Runtime.getRuntime().addShutdownHook(new Thread(node::stop));
        node.start();
        while (System.in.read() >= 0) {
            // the end of the input is the end of the parent
        }
        System.exit(0);
    }
}
