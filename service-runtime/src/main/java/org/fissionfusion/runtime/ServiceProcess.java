package org.fissionfusion.runtime;

import ch.qos.logback.classic.Level;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.fissionfusion.schemas.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service as a process: reads its configuration, waits for its topics, answers health requests, and stops in order.
 *
 * <pre>
 * configured ─▶ waiting for topics ─▶ working ─▶ SIGTERM, SIGINT ─▶ drained, exit code 0
 *      └▶ exit code 2                    └─────▶ a fault ─────────▶ drained, exit code 1
 * </pre>
 *
 * A fault ends the process, so that whatever supervises it starts a fresh one.
 */
public final class ServiceProcess {
    /** Exit code after SIGTERM or SIGINT. */
    public static final int STOPPED = 0;

    /** Exit code when the service could not go on; starting it again may help. */
    public static final int FAILED = 1;

    /** Exit code for a configuration that is not as it must be; starting it again does not help. */
    public static final int MISCONFIGURED = 2;

    private static final Logger LOG = LoggerFactory.getLogger(ServiceProcess.class);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration GPU_PACE = Duration.ofSeconds(10);
    private static final Duration DRAINED_WITHIN = Duration.ofSeconds(60);

    /** Starts a service, or throws. */
    @FunctionalInterface
    public interface Starter {
        Service start(ServiceConfig config) throws Exception;
    }

    private final ServiceRole role;
    private final Starter starter;
    private final Thread runner = Thread.currentThread();
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile Optional<Service> service = Optional.empty();
    private volatile List<String> waitsFor = List.of("starting");

    private ServiceProcess(ServiceRole role, Starter starter) {
        this.role = role;
        this.starter = starter;
    }

    /**
     * Runs the service of a {@code main} method until the process is told to stop.
     *
     * @param arguments nothing, or {@code --config FILE}
     * @return the exit code
     */
    public static int run(ServiceRole role, String[] arguments, Starter starter) {
        if (arguments.length == 0) {
            return run(role, Optional.empty(), starter);
        }
        if (arguments.length == 2 && arguments[0].equals("--config")) {
            return run(role, Optional.of(Path.of(arguments[1])), starter);
        }
        System.err.println("usage: " + role.wireName() + " [--config FILE]");
        return MISCONFIGURED;
    }

    /**
     * Runs the service until the process is told to stop.
     *
     * @param file a properties file; the environment is put over it
     * @return the exit code
     */
    public static int run(ServiceRole role, Optional<Path> file, Starter starter) {
        ServiceConfig config;
        try {
            config = ServiceConfig.load(file, System.getenv());
        } catch (ConfigException | IOException e) {
            System.err.println("fissionfusion " + role.wireName() + ": " + e.getMessage());
            return MISCONFIGURED;
        }
        Logging.configure(Level.INFO, Optional.empty(), config.log());
        return new ServiceProcess(role, starter).run(config);
    }

    private int run(ServiceConfig config) {
        Thread hook = Thread.ofPlatform().name("stop").unstarted(this::stop);
        Runtime.getRuntime().addShutdownHook(hook);
        LOG.atInfo()
                .addKeyValue("service", role.wireName())
                .addKeyValue("configuration", config)
                .log("a service starts");
        int code = FAILED;
        PrometheusMeterRegistry metrics = attachMetrics();
        try (HttpHealth health =
                HttpHealth.start(config.http(), this::faults, () -> waitsFor).withMetrics(metrics::scrape)) {
            LOG.atInfo().addKeyValue("port", health.port()).log("health and metrics are served");
            code = work(config);
        } catch (InterruptedException | InterruptException e) {
            code = stopping ? STOPPED : FAILED;
        } catch (ConfigException e) {
            LOG.atError().addKeyValue("reason", e.getMessage()).log("the configuration is not as it must be");
            code = MISCONFIGURED;
        } catch (Exception e) {
            code = stopping ? STOPPED : FAILED;
            LOG.atError().addKeyValue("service", role.wireName()).setCause(e).log("a service failed");
        } finally {
            code = drain() ? code : FAILED;
        }
        return code;
    }

    private PrometheusMeterRegistry attachMetrics() {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        metrics.config().commonTags("service", role.wireName());
        Metrics.addRegistry(metrics);
        new JvmMemoryMetrics().bindTo(metrics);
        new ProcessorMetrics().bindTo(metrics);
        Thread.ofVirtual().name("gpu-memory").start(() -> {
            try {
                while (GpuMemory.measure()) {
                    Thread.sleep(GPU_PACE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return metrics;
    }

    private List<String> faults() {
        return service.map(Service::faults).orElse(List.of());
    }

    private int work(ServiceConfig config) throws Exception {
        awaitTopics(config);
        waitsFor = List.of("starting");
        Service started = starter.start(config);
        service = Optional.of(started);
        ClockWatch clock = new ClockWatch(() -> Instant.now().toEpochMilli(), System::nanoTime);
        while (!stopping) {
            waitsFor = started.waitsFor();
            Optional<Duration> putBack = clock.putBack();
            if (putBack.isPresent()) {
                LOG.atError()
                        .addKeyValue("seconds", putBack.get().toSeconds())
                        .log("the clock was put back, Kafka's clients must start anew");
                return FAILED;
            }
            List<String> faults = started.faults();
            if (!faults.isEmpty()) {
                LOG.atError().addKeyValue("reason", faults.getFirst()).log("a service cannot go on");
                return FAILED;
            }
            Thread.sleep(TICK);
        }
        return STOPPED;
    }

    /** Someone with the right to do so creates the topics; services only use them. */
    private void awaitTopics(ServiceConfig config) throws InterruptedException {
        try (Admin admin = KafkaClients.from(config).admin()) {
            while (true) {
                List<String> missing = new ArrayList<>(Stream.concat(role.reads().stream(), role.writes().stream())
                        .map(Topic::name)
                        .distinct()
                        .toList());
                try {
                    Set<String> existing = admin.listTopics().names().get();
                    missing.removeAll(existing);
                    if (missing.isEmpty()) {
                        return;
                    }
                    waitsFor = missing.stream()
                            .map(name ->
                                    "topic " + name + " does not exist, or may not be seen; see: fissionfusion topics")
                            .toList();
                } catch (ExecutionException e) {
                    if (!Outages.isOutage(e)) {
                        throw new KafkaException(
                                "the topics cannot be listed: " + e.getCause().getMessage(), e.getCause());
                    }
                    waitsFor =
                            List.of("the brokers do not answer: " + e.getCause().getMessage());
                }
                LOG.atInfo().addKeyValue("reason", waitsFor.getFirst()).log("a service waits");
                Thread.sleep(TICK.multipliedBy(2));
            }
        }
    }

    /** False when the service did not stop as it should. */
    private boolean drain() {
        var _ = Thread.interrupted(); // the signal's; closing must be able to wait
        try {
            service.ifPresent(Service::close);
            return true;
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("service", role.wireName()).setCause(e).log("a service did not stop cleanly");
            return false;
        } finally {
            LOG.atInfo().addKeyValue("service", role.wireName()).log("a service has stopped");
            drained.countDown();
        }
    }

    /** Runs when the process is told to stop; also, without effect, when it ends by itself. */
    private void stop() {
        if (drained.getCount() == 0) {
            return;
        }
        stopping = true;
        runner.interrupt();
        try {
            boolean inTime = drained.await(DRAINED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(inTime ? STOPPED : FAILED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
