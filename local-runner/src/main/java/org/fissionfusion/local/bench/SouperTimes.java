package org.fissionfusion.local.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.WorkHandler;
import org.fissionfusion.runtime.WorkerService;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.SouperService;

/**
 * How long the real souper lets others wait: an idle evaluator for the first scoring of a checkpoint, and everybody
 * when it is started again with many experiments in its state.
 *
 * @param experiments in its state; each has all its checkpoints
 * @param latencies experiments whose checkpoints come one by one
 */
record SouperTimes(int experiments, int latencies) {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final double PERCENTILE = 0.99;

    List<Figure> measure(Path folder) throws Exception {
        List<Figure> figures = new ArrayList<>();
        try (EmbeddedBroker broker = new EmbeddedBroker(folder.resolve("kafka")).start()) {
            KafkaClients clients = KafkaClients.from(SouperLoad.config(broker, folder, "times"));
            try (Admin admin = clients.admin()) {
                TopicSetup.LOCAL.createMissing(admin);
            }
            AtomicInteger journalled = new AtomicInteger();
            try (EventPublisher publisher = new EventPublisher(clients);
                    EventStream<?> _ =
                            EventStream.start(clients, Topics.EXPERIMENT_EVENTS, _ -> journalled.incrementAndGet())) {
                try (SouperService souper = start(broker, folder, "streams")) {
                    souper.awaitRunning(PATIENCE);
                    figures.addAll(latency(broker, folder, publisher, journalled));
                    fill(publisher, journalled);
                }
                figures.add(restart(broker, folder, "streams", publisher, journalled));
                figures.add(restart(broker, folder, "another-disk", publisher, journalled));
            }
        }
        return figures;
    }

    private static SouperService start(EmbeddedBroker broker, Path folder, String state) {
        return SouperService.start(SouperLoad.config(broker, folder, "souper"), folder.resolve(state));
    }

    /** From before a checkpoint event is published to the beginning of its evaluation. */
    private List<Figure> latency(EmbeddedBroker broker, Path folder, EventPublisher publisher, AtomicInteger journalled)
            throws Exception {
        Arrivals arrivals = new Arrivals(new ConcurrentHashMap<>());
        List<Double> millis = new ArrayList<>();
        try (var evaluator = new WorkerService<>(
                SouperLoad.config(broker, folder, "evaluator"),
                new WorkerService.Queue<>(Topics.EVALUATION_TASKS, Topics.EVALUATION_TASKS_HIGH, "evaluators"),
                _ -> arrivals)) {
            evaluator.start();
            for (int i = 0; i < latencies; i++) {
                PaperExperiment experiment = PaperExperiment.named("latency-" + i);
                int expected = journalled.get() + 1;
                publisher.publish(Topics.EXPERIMENT_COMMANDS, experiment.id(), experiment.command());
                SouperLoad.await(journalled, expected);
                expected += SouperLoad.offer(publisher, List.of(experiment.opening()));
                SouperLoad.await(journalled, expected);
                for (TaskResult result : experiment.checkpoints()) {
                    Thread.sleep(PAUSE);
                    millis.add(arrivals.millisUntil(publisher, result));
                }
            }
        }
        millis.sort(Double::compare);
        return List.of(
                Figure.of(
                                "souper, checkpoint event to evaluation, 99 of 100 within (%d events)"
                                        .formatted(millis.size()),
                                millis.get((int) Math.ceil(PERCENTILE * millis.size()) - 1),
                                "ms")
                        .atMost(50),
                Figure.of("  half of them within", millis.get(millis.size() / 2), "ms"));
    }

    private void fill(EventPublisher publisher, AtomicInteger journalled) throws Exception {
        for (int i = 0; i < experiments; i++) {
            PaperExperiment experiment = PaperExperiment.named("state-" + i);
            int expected = journalled.get() + 1;
            publisher.publish(Topics.EXPERIMENT_COMMANDS, experiment.id(), experiment.command());
            SouperLoad.await(journalled, expected);
            expected += SouperLoad.offer(publisher, List.of(experiment.opening()));
            expected += SouperLoad.offer(publisher, List.of(experiment.checkpoints()));
            SouperLoad.await(journalled, expected);
        }
    }

    /** From its start until it has planned an experiment that was asked for while it was away. */
    private Figure restart(
            EmbeddedBroker broker, Path folder, String state, EventPublisher publisher, AtomicInteger journalled)
            throws Exception {
        PaperExperiment asked = PaperExperiment.named("asked-" + state);
        int expected = journalled.get() + 1;
        publisher.publish(Topics.EXPERIMENT_COMMANDS, asked.id(), asked.command());
        long begun = System.nanoTime();
        try (SouperService _ = start(broker, folder, state)) {
            SouperLoad.await(journalled, expected);
        }
        String what = state.equals("streams") ? "with" : "without";
        return Figure.of(
                        "souper started again, %,d experiments, %s its state on disk".formatted(experiments, what),
                        (System.nanoTime() - begun) / 1e9,
                        "s")
                .atMost(30);
    }

    /** An evaluator that only notes when a checkpoint's scoring begins, by the digest of its weights. */
    private record Arrivals(Map<String, CompletableFuture<Long>> awaited) implements WorkHandler<EvaluationTask> {
        double millisUntil(EventPublisher publisher, TaskResult result) throws Exception {
            String digest = ((CheckpointSaved) result.getResult()).getWeightsDigest();
            CompletableFuture<Long> arrival = new CompletableFuture<>();
            awaited.put(digest, arrival);
            long published = System.nanoTime();
            publisher.publish(Topics.RESULTS, result.getExperimentId(), result);
            return (arrival.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) - published) / 1e6;
        }

        @Override
        public Outcome handle(EvaluationTask task, Delivery delivery) {
            if (task.getWork() instanceof Scoring scoring) {
                CompletableFuture<Long> arrival = awaited.get(
                        scoring.getRecipe().getIngredients().getFirst().getWeightsDigest());
                if (arrival != null) {
                    arrival.complete(delivery.takenAt());
                }
            }
            return Outcome.ACCEPT;
        }

        @Override
        public TaskProgress waiting(EvaluationTask task) {
            return QueueLoad.waiting(task);
        }

        @Override
        public void publishFailure(EvaluationTask task, Delivery delivery, Throwable cause) {
            throw new IllegalStateException("noting a time failed", cause);
        }
    }
}
