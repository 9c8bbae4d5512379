package org.fissionfusion.local.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;
import org.fissionfusion.souper.SouperService;

/**
 * The real souper on the embedded broker, exactly once, fed the checkpoints of many experiments of the paper's size:
 * 8 learning rates, 48 ingredients, the strategies best, uniform, greedy, GoU and GoG. Every event is a transaction's
 * part: rows read and written, a scoring task issued, a journal entry written.
 *
 * @param experiments of 48 checkpoint events each; a quarter of them warm up
 */
record SouperLoad(int experiments) {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String DIGEST = "%064x";
    private static final String STREAM = "StreamThread-1";
    private static final int BEFORE_GENERATING = 4;

    /** Events of one experiment. */
    private record Script(ExperimentRequest request, List<TaskResult> opening, List<TaskResult> checkpoints) {}

    List<Figure> measure(Path folder) throws Exception {
        List<Script> scripts = new ArrayList<>();
        for (int i = 0; i < experiments; i++) {
            scripts.add(script(request("load-" + i)));
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
                for (Script script : scripts) {
                    String id = script.request().experimentId();
                    publisher.publish(
                            Topics.EXPERIMENT_COMMANDS,
                            id,
                            new ExperimentCommand(id, RequestMapper.toEvent(script.request())));
                }
                int expected = experiments;
                await(journalled, expected);
                expected +=
                        offer(publisher, scripts.stream().map(Script::opening).toList());
                await(journalled, expected);
                expected += offer(
                        publisher,
                        scripts.subList(0, warm).stream()
                                .map(Script::checkpoints)
                                .toList());
                await(journalled, expected);

                ThreadClock clock = new ThreadClock(name -> name.contains(STREAM));
                long begun = System.nanoTime();
                int events = offer(
                        publisher,
                        scripts.subList(warm, experiments).stream()
                                .map(Script::checkpoints)
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

    private static ServiceConfig config(EmbeddedBroker broker, Path folder, String name) {
        return ServiceConfig.local(
                broker.bootstrapServers(),
                folder.resolve("store"),
                new WorkerSettings(name, 1, ServiceConfig.DEFAULT_LOCK));
    }

    private static int offer(EventPublisher publisher, List<List<TaskResult>> all) {
        int count = 0;
        for (List<TaskResult> results : all) {
            results.forEach(result -> publisher.offer(Topics.RESULTS, result.getExperimentId(), result));
            count += results.size();
        }
        publisher.flush();
        return count;
    }

    private static void await(AtomicInteger counter, int expected) throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (counter.get() < expected) {
            if (System.nanoTime() > end) {
                throw new TimeoutException("the souper journalled %d of %d events".formatted(counter.get(), expected));
            }
            Thread.sleep(5);
        }
    }

    private static ExperimentRequest request(String id) {
        ObjectNode tree =
                JsonNodeFactory.instance.objectNode().put("experiment", id).put("preset", "paper");
        tree.putObject("model").put("architecture", "resnet20").put("weights", "w");
        tree.putObject("data").put("inDomain", "d").put("imageSize", 32);
        tree.putObject("selection").put("metric", "macro-f1");
        var strategies = tree.putArray("strategies");
        List.of("best", "uniform", "greedy", "GoU", "GoG").forEach(strategies::add);
        return RequestReader.read(tree)
                .resolve(new RequestDraft.ResolvedFiles(
                        file(1),
                        List.of(
                                new DataSplit("train", file(2), false),
                                new DataSplit("validation", file(3), false),
                                new DataSplit("test", file(4), true)),
                        List.of("a", "b"),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.2, 0.2, 0.2)));
    }

    private static org.fissionfusion.core.request.StoredFile file(int number) {
        return new org.fissionfusion.core.request.StoredFile("file-" + number, DIGEST.formatted(number), 1);
    }

    /** What workers would say, read off the plan of the request. */
    private static Script script(ExperimentRequest request) {
        Experiment plan = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(request))
                .next();
        List<TaskResult> opening = new ArrayList<>();
        List<TaskResult> checkpoints = new ArrayList<>();
        for (TaskRow task : plan.tasks().values()) {
            switch (task.work()) {
                case Work.Preflight _ ->
                    opening.addFirst(result(
                            request, task.id(), new EvaluationCompleted("", List.of(), null, null, null, 1.0, 0L)));
                case Work.Probe _ -> {
                    opening.add(result(request, task.id(), saved(task.id(), Stage.LINEAR_PROBE, 0)));
                    opening.add(result(
                            request, task.id(), new TrainingCompleted(10, 1000L, 1.0, false, List.of(), Map.of())));
                }
                case Work.FineTune _ ->
                    checkpoints.add(result(request, task.id(), saved(task.id(), Stage.FINE_TUNE, 0)));
                case Work.Fission fission -> {
                    int cycle = 0;
                    for (CheckpointRow row : plan.checkpoints().values()) {
                        if (row.id().startsWith(fission.baseId() + "/cycle=")) {
                            checkpoints.add(result(request, task.id(), saved(row.id(), Stage.FISSION, ++cycle)));
                        }
                    }
                }
                case Work.Reestimate _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ -> {}
            }
        }
        if (opening.size() != BEFORE_GENERATING - 1) {
            throw new IllegalStateException("the plan opens with " + opening.size() + " results");
        }
        return new Script(request, opening, checkpoints);
    }

    private static CheckpointSaved saved(String id, Stage stage, int cycle) {
        String digest = DIGEST.formatted(id.hashCode() & 0xffff_ffffL);
        StoredFile file = new StoredFile("checkpoints/" + digest, digest, 1L);
        return new CheckpointSaved(id, stage, cycle, 1, file, digest, null, 0.5);
    }

    private static TaskResult result(ExperimentRequest request, String taskId, Object result) {
        return new TaskResult(request.experimentId(), taskId, 1, "load", result, 0.0);
    }
}
