package org.fissionfusion.local.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.SouperService;

/**
 * The real souper on the embedded broker, exactly once, fed the checkpoints of many experiments of the paper's size.
 * Every event is a transaction's part: rows read and written, a scoring task issued, a journal entry written.
 *
 * @param experiments of 48 checkpoint events each; a quarter of them warm up
 */
record SouperLoad(int experiments) {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String STREAM = "StreamThread-1";

    List<Figure> measure(Path folder) throws Exception {
        List<PaperExperiment> scripts = new ArrayList<>();
        for (int i = 0; i < experiments; i++) {
            scripts.add(PaperExperiment.named("load-" + i));
        }
        int warm = Math.max(1, experiments / 4);
        AtomicInteger journalled = new AtomicInteger();
        try (EmbeddedBroker broker = new EmbeddedBroker(folder.resolve("kafka")).start()) {
            KafkaClients clients = KafkaClients.from(config(broker, folder, "load"));
            try (Admin admin = clients.admin()) {
                TopicSetup.LOCAL.createMissing(admin);
            }
            try (SouperService _ = SouperService.start(config(broker, folder, "souper"), folder.resolve("streams"));
                    EventStream<?> _ =
                            EventStream.start(clients, Topics.EXPERIMENT_EVENTS, _ -> journalled.incrementAndGet());
                    EventPublisher publisher = new EventPublisher(clients)) {
                for (PaperExperiment script : scripts) {
                    publisher.publish(Topics.EXPERIMENT_COMMANDS, script.id(), script.command());
                }
                int expected = experiments;
                await(journalled, expected);
                expected += offer(
                        publisher,
                        scripts.stream().map(PaperExperiment::opening).toList());
                await(journalled, expected);
                expected += offer(
                        publisher,
                        scripts.subList(0, warm).stream()
                                .map(PaperExperiment::checkpoints)
                                .toList());
                await(journalled, expected);

                ThreadClock clock = new ThreadClock(name -> name.contains(STREAM));
                long begun = System.nanoTime();
                int events = offer(
                        publisher,
                        scripts.subList(warm, experiments).stream()
                                .map(PaperExperiment::checkpoints)
                                .toList());
                await(journalled, expected + events);
                double wall = (System.nanoTime() - begun) / 1e9;
                return List.of(
                        Figure.of(
                                        "souper, %,d checkpoint events, per core".formatted(events),
                                        events / clock.seconds(),
                                        "events/s")
                                .atLeast(2000),
                        Figure.of("  by the clock on the wall", events / wall, "events/s"));
            }
        }
    }

    static ServiceConfig config(EmbeddedBroker broker, Path folder, String name) {
        return ServiceConfig.local(
                broker.bootstrapServers(),
                folder.resolve("store"),
                new WorkerSettings(name, 1, ServiceConfig.DEFAULT_LOCK));
    }

    static int offer(EventPublisher publisher, List<List<TaskResult>> all) {
        int count = 0;
        for (List<TaskResult> results : all) {
            results.forEach(result -> publisher.offer(Topics.RESULTS, result.getExperimentId(), result));
            count += results.size();
        }
        publisher.flush();
        return count;
    }

    static void await(AtomicInteger counter, int expected) throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (counter.get() < expected) {
            if (System.nanoTime() > end) {
                throw new TimeoutException("the souper journalled %d of %d events".formatted(counter.get(), expected));
            }
            Thread.sleep(5);
        }
    }
}
