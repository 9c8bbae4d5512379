package org.fissionfusion.local.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/** Free ports of this machine, remembered in the broker's folder; taken anew where someone else has them now. */
final class PortChoice {
    private final Path file;

    PortChoice(Path folder) {
        this.file = folder.resolve("ports.properties");
    }

    /** @param wanted port of the first broker, or 0 for any */
    SortedMap<Integer, BrokerNode.Ports> choose(int nodes, int wanted) {
        Properties remembered = load();
        SortedMap<Integer, BrokerNode.Ports> chosen = new TreeMap<>();
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int id = 1; id <= nodes; id++) {
                int broker = id == 1 && wanted != 0 ? wanted : port(remembered, "broker." + id);
                chosen.put(
                        id,
                        new BrokerNode.Ports(
                                hold(broker, id == 1 && wanted != 0, held),
                                hold(port(remembered, "controller." + id), false, held)));
            }
        } finally {
            held.forEach(PortChoice::release);
        }
        save(chosen);
        return chosen;
    }

    private static int hold(int port, boolean mustBeThis, List<ServerSocket> held) {
        try {
            ServerSocket socket = bound(port);
            held.add(socket);
            return socket.getLocalPort();
        } catch (IOException e) {
            if (mustBeThis || port == 0) {
                throw new BrokerStartException("port " + port + " is not free", e);
            }
            return hold(0, true, held);
        }
    }

    private static ServerSocket bound(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int port(Properties remembered, String key) {
        String text = remembered.getProperty(key, "0");
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    }

    private Properties load() {
        Properties remembered = new Properties();
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                remembered.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return remembered;
    }

    private void save(SortedMap<Integer, BrokerNode.Ports> chosen) {
        Properties properties = new Properties();
        chosen.forEach((id, ports) -> {
            properties.setProperty("broker." + id, Integer.toString(ports.broker()));
            properties.setProperty("controller." + id, Integer.toString(ports.controller()));
        });
        try (OutputStream out = Files.newOutputStream(file)) {
            properties.store(out, "where the embedded broker listened last");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
