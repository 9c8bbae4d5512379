package org.fissionfusion.souper;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.fissionfusion.runtime.DiskSpace;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ServiceProcess;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.souper.dashboard.Dashboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The planner as a service: any number of them share the partitions. */
public final class SouperService implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(SouperService.class);
    private static final String APPLICATION = "souper";
    private static final int SILENT_TICKS = 60;
    private static final Duration CLOSING = Duration.ofSeconds(6);

    private final KafkaStreams streams;
    private final Path stateFolder;
    private volatile Optional<Throwable> failure = Optional.empty();
    private final CountDownLatch running = new CountDownLatch(1);
    private final Deque<AutoCloseable> beside = new ArrayDeque<>();

    private SouperService(KafkaStreams streams, Path stateFolder) {
        this.streams = streams;
        this.stateFolder = stateFolder;
    }

    /**
     * Starts planning.
     *
     * @param stateFolder where the state stores live; they are restored from Kafka when it is lost
     */
    public static SouperService start(ServiceConfig config, Path stateFolder) {
        KafkaStreams streams = new KafkaStreams(
                SouperTopology.build(SerdeFactory.from(config.registry()), SILENT_TICKS),
                properties(config, stateFolder));
        SouperService service = new SouperService(streams, stateFolder);
        streams.setStateListener((state, before) -> {
            LOG.atInfo()
                    .addKeyValue("state", state)
                    .addKeyValue("before", before)
                    .log("souper changed its state");
            if (state == KafkaStreams.State.RUNNING) {
                service.running.countDown();
            }
        });
        streams.setUncaughtExceptionHandler(failure -> {
            LOG.atError().setCause(failure).log("a stream thread failed");
            service.failure = Optional.of(failure);
            return outage(failure)
                    ? StreamThreadExceptionResponse.REPLACE_THREAD
                    : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        return service;
    }

    private static boolean outage(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RetriableException) {
                return true;
            }
        }
        return false;
    }

    private static Properties properties(ServiceConfig config, Path stateFolder) {
        Properties properties = new Properties();
        properties.putAll(config.kafka());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION);
        properties.put(StreamsConfig.CLIENT_ID_CONFIG, config.worker().name() + "-souper");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "10");
        properties.put(StreamsConfig.POLL_MS_CONFIG, "20");
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "-1");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // a souper whose clock is ahead still writes its state; in our own topics brokers write down their own time
        properties.put(
                StreamsConfig.topicPrefix(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG),
                Long.toString(Long.MAX_VALUE));
        // a souper that comes back under its name takes its partitions without waiting for the old session to end
        properties.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                config.worker().name());
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), "10000");
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), "3000");
        return properties;
    }

    /** Waits until it plans; false when the time was up first. */
    public boolean awaitRunning(Duration timeout) {
        try {
            return running.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public List<String> faults() {
        boolean plans = streams.state().isRunningOrRebalancing() || streams.state() == KafkaStreams.State.CREATED;
        return plans ? List.of() : List.of("the souper stopped: " + reason());
    }

    private String reason() {
        return failure.map(thrown -> DiskSpace.isFull(stateFolder, thrown) ? DiskSpace.full(stateFolder) : root(thrown))
                .orElse("its streams were closed");
    }

    private static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    @Override
    public List<String> waitsFor() {
        return running.getCount() == 0 ? List.of() : List.of("the souper restores its state");
    }

    @Override
    public void close() {
        for (AutoCloseable part : beside) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.atWarn().addKeyValue("reason", e.getMessage()).log("a part of the souper did not close");
            }
        }
        streams.close(CLOSING);
    }

    /** Starts a souper in a process of its own, which also measures and shows the dashboard. */
    public static SouperService launch(ServiceConfig config) {
        SouperService service = start(config, config.worker().folder());
        KafkaClients clients = KafkaClients.from(config);
        service.beside.push(new ExperimentMeters(clients));
        config.dashboard().ifPresent(settings -> service.beside.push(Dashboard.start(settings, clients)));
        return service;
    }

    /** Runs a souper until the process is stopped; see {@link ServiceProcess}. */
    public static void main(String[] arguments) {
        System.exit(ServiceProcess.run(ServiceRole.SOUPER, arguments, SouperService::launch));
    }
}
