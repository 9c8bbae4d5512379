package org.fissionfusion.local.kafka;

import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Kafka node in this JVM. Its folder keeps its data, also when the process is killed. */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final int TRIES = 3;

    private final Path folder;
    private final int port;
    private final Consumer<String> onFault;
    private EmbeddedCluster cluster;

    /**
     * Prepares the broker; {@link #start} starts it.
     *
     * @param folder used by this broker only
     * @param port 0 takes a free one, the one of the last time if possible
     * @param onFault told what happened when the broker stops on a fault that it can't repair, a full disk for example
     */
    public EmbeddedBroker(Path folder, int port, Consumer<String> onFault) {
        this.folder = folder;
        this.port = port;
        this.onFault = onFault;
    }

    /** A broker on a free port that logs its faults. */
    public EmbeddedBroker(Path folder) {
        this(folder, 0, message -> LOG.atError().addKeyValue("reason", message).log("the embedded broker failed"));
    }

    /**
     * Starts; another program that takes the chosen port in the meantime costs another try.
     *
     * @return this
     */
    public synchronized EmbeddedBroker start() {
        for (int attempt = 1; cluster == null; attempt++) {
            EmbeddedCluster starting = new EmbeddedCluster(folder, 1, port, onFault);
            try {
                starting.start();
                cluster = starting;
            } catch (CompletionException e) {
                starting.close();
                if (attempt == TRIES) {
                    throw new BrokerStartException(e.getCause().getMessage(), e.getCause());
                }
            }
        }
        return this;
    }

    /** Where clients connect. */
    public synchronized String bootstrapServers() {
        if (cluster == null) {
            throw new IllegalStateException("the embedded broker is not running");
        }
        return cluster.bootstrapServers();
    }

    /** Stops; close clients first. It can be started again. */
    @Override
    public synchronized void close() {
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }
}
