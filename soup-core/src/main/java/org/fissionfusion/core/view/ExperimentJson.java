package org.fissionfusion.core.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.experiment.SoupRow;

/** A view as JSON, in the words of results.json: what the dashboard shows. docs/dashboard.md lists the keys. */
public final class ExperimentJson {
    private ExperimentJson() {}

    /** Where an experiment stands, for a list of them. */
    public static ObjectNode summary(ExperimentView view) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("experiment", view.id())
                .put("standing", view.standing())
                .put("reason", view.reason())
                .put("ended", view.ended())
                .put("tasksDone", view.tasksDone())
                .put("tasksTotal", view.tasksTotal());
        long served = view.soups().stream()
                .filter(soup -> soup.row().status() == SoupRow.Status.SERVED)
                .count();
        return node.put("soupsServed", served).put("soupsTotal", view.soups().size());
    }

    /** All of an experiment. */
    public static ObjectNode of(ExperimentView view) {
        ObjectNode root = summary(view);
        root.put("requestDigest", view.head().requestDigest())
                .put("architecture", view.request().model().architecture());
        root.putObject("selection")
                .put("metric", view.request().selection().metric().wireName());
        root.set("splits", ViewNodes.splits(view));
        ArrayNode tasks = root.putArray("tasks");
        for (TrainingView task : view.trainings()) {
            ObjectNode node = ViewNodes.task(task);
            work(node, task.attempt(), task.worker(), task.failures(), task.heartbeat());
            tasks.add(node);
        }
        ArrayNode evaluations = root.putArray("evaluations");
        for (EvaluationView task : view.evaluations()) {
            ObjectNode node = evaluations
                    .addObject()
                    .put("id", task.id())
                    .put("kind", task.kind())
                    .put("status", task.status().name())
                    .put("seconds", task.seconds())
                    .put("images", task.images());
            task.subjects().forEach(node.putArray("subjects")::add);
            work(node, task.attempt(), task.worker(), task.failures(), task.heartbeat());
        }
        ArrayNode checkpoints = root.putArray("checkpoints");
        view.checkpoints().forEach(row -> checkpoints.add(ViewNodes.checkpoint(row)));
        ArrayNode soups = root.putArray("soups");
        for (SoupView soup : view.soups()) {
            ObjectNode node = ViewNodes.soup(soup).put("reason", soup.row().reason());
            soup.row().expected().forEach(node.putArray("expected")::add);
            soups.add(node);
        }
        root.set("cost", ViewNodes.cost(view.cost()));
        view.notes().forEach(root.putArray("notes")::add);
        return root;
    }

    private static void work(
            ObjectNode node, int attempt, String worker, List<String> failures, Optional<Heartbeat> heartbeat) {
        node.put("attempt", attempt).put("worker", worker);
        failures.forEach(node.putArray("failures")::add);
        heartbeat.ifPresent(beat -> {
            ObjectNode heard = node.putObject("heartbeat")
                    .put("at", beat.at().toString())
                    .put("stage", beat.stage())
                    .put("epoch", beat.epoch())
                    .put("epochs", beat.epochs())
                    .put("step", beat.step())
                    .put("steps", beat.steps());
            ViewNodes.number(heard, "learningRate", beat.learningRate());
            ViewNodes.number(heard, "loss", beat.loss());
            ViewNodes.number(heard, "imagesPerSecond", beat.imagesPerSecond());
            if (beat.secondsLeft() >= 0) {
                heard.put("secondsLeft", beat.secondsLeft());
            }
        });
    }
}
