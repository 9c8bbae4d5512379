package org.fissionfusion.runtime;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;

/**
 * What a service measures. Like a log, it goes to whatever the process has attached, Prometheus in a
 * {@link ServiceProcess}, and nowhere in a process that has attached nothing. Names are part of the public interface;
 * docs/operations.md lists them. As Prometheus shows them, dots are underscores and counters end in {@code _total}.
 */
public final class Meters {
    private static final String WORKER = "worker";
    private static final Map<String, AtomicReference<Double>> VALUES = new ConcurrentHashMap<>();

    private Meters() {}

    /** The value of a gauge, until the next call; NaN takes its line away from graphs. */
    public static void gauge(String name, String description, Tags tags, double value) {
        VALUES.computeIfAbsent(name + tags, _ -> {
                    AtomicReference<Double> holder = new AtomicReference<>(value);
                    Gauge.builder(name, holder, AtomicReference::get)
                            .description(description)
                            .tags(tags)
                            .strongReference(true)
                            .register(Metrics.globalRegistry);
                    return holder;
                })
                .set(value);
    }

    /** Adds to a counter. */
    public static void count(String name, String description, Tags tags, double amount) {
        Counter.builder(name)
                .description(description)
                .tags(tags)
                .register(Metrics.globalRegistry)
                .increment(amount);
    }

    /** Notes how long something took. */
    public static void time(String name, String description, Tags tags, Duration duration) {
        Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(
                        Duration.ofMillis(5),
                        Duration.ofMillis(20),
                        Duration.ofMillis(50),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(10))
                .register(Metrics.globalRegistry)
                .record(duration);
    }

    /** From the publication of an event to its taking. */
    public static void waited(String topic, long publishedMillis) {
        long waited = Math.max(0, System.currentTimeMillis() - publishedMillis);
        time(
                "fissionfusion.event.latency",
                "from the publication of an event to its taking",
                Tags.of("topic", topic),
                Duration.ofMillis(waited));
    }

    /** A task of a queue has ended here. */
    static void worked(String topic, Outcome outcome, Duration duration) {
        time(
                "fissionfusion.task.duration",
                "from the taking of a task to its end here",
                Tags.of("queue", topic, "outcome", outcome.name().toLowerCase(java.util.Locale.ROOT)),
                duration);
    }

    /** Results and heartbeats say most of what there is to measure. */
    static void published(SpecificRecord event) {
        switch (event) {
            case TaskProgress beat when beat.getEpochs() > 0 -> heard(beat);
            case TaskResult result ->
                count(
                        "fissionfusion.results",
                        "results published, by kind",
                        Tags.of("kind", result.getResult().getClass().getSimpleName()),
                        1);
            default -> {
                // counted by Kafka's own metrics
            }
        }
    }

    private static void heard(TaskProgress beat) {
        Tags worker = Tags.of(WORKER, beat.getWorker());
        gauge("fissionfusion.training.images.per.second", "training speed", worker, beat.getImagesPerSecond());
        gauge("fissionfusion.training.loss", "loss of the last step", worker, beat.getLoss());
        gauge("fissionfusion.training.epoch", "epoch of the running task", worker, beat.getEpoch());
        gauge("fissionfusion.training.learning.rate", "rate of the last step", worker, beat.getLearningRate());
    }
}
