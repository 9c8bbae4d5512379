package org.fissionfusion.core.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.SplitScore;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.Strategy.Pool;

/**
 * The content of results.json. Its skeleton is an interface: keys are added, never renamed. Numbers that are not finite
 * are left out.
 */
public final class ResultsJson {
    /** Version of the format. */
    public static final int VERSION = 1;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ExperimentView view;
    private final UnaryOperator<String> file;

    private ResultsJson(ExperimentView view, UnaryOperator<String> file) {
        this.view = view;
        this.file = file;
    }

    /**
     * The document.
     *
     * @param file id of a checkpoint or soup to its file, relative to the folder of results.json
     * @param versions of what made the results
     * @param comparisons content of the comparison document, if there is one
     */
    public static ObjectNode of(
            ExperimentView view,
            UnaryOperator<String> file,
            Map<String, String> versions,
            Optional<JsonNode> comparisons) {
        return new ResultsJson(view, file).root(versions, comparisons);
    }

    private ObjectNode root(Map<String, String> versions, Optional<JsonNode> comparisons) {
        ObjectNode root = JSON.objectNode();
        root.put("version", VERSION)
                .put("experiment", view.request().experimentId())
                .put("requestDigest", view.head().requestDigest())
                .put("phase", view.head().phase().name());
        root.putObject("selection")
                .put("metric", view.request().selection().metric().wireName());
        ArrayNode splits = root.putArray("splits");
        for (DataSplit split : view.request().data().splits()) {
            splits.addObject()
                    .put("name", split.name())
                    .put("sealed", split.sealed())
                    .put("sha256", split.file().sha256());
        }
        ArrayNode checkpoints = root.putArray("checkpoints");
        view.checkpoints().forEach(row -> checkpoints.add(checkpoint(row)));
        ArrayNode soups = root.putArray("soups");
        view.soups().stream().filter(soup -> soup.row().file().isPresent()).forEach(soup -> soups.add(soup(soup)));
        ArrayNode tasks = root.putArray("tasks");
        view.trainings().forEach(training -> tasks.add(task(training)));
        comparisons.ifPresent(document -> root.set("comparisons", document));
        root.set("cost", cost(view.cost()));
        ObjectNode about = root.putObject("versions");
        new TreeMap<>(versions).forEach(about::put);
        view.notes().forEach(root.putArray("notes")::add);
        return root;
    }

    private ObjectNode checkpoint(CheckpointRow row) {
        CheckpointRow.Saved saved = row.saved().orElseThrow();
        ObjectNode node = JSON.objectNode();
        Pool pool = row.pools().contains(Pool.FISSION) ? Pool.FISSION : Pool.GRID_SEARCH;
        node.put("id", row.id()).put("pool", pool.wireName());
        row.pools().forEach(each -> node.withArray("pools").add(each.wireName()));
        node.put("stage", row.stage().wireName())
                .put("learningRate", row.learningRate())
                .put("augmentation", row.augmentation().wireName())
                .put("seed", row.seed())
                .put("cycle", row.cycle())
                .put("epoch", saved.epoch())
                .put("file", file.apply(row.id()))
                .put("sha256", saved.file().sha256())
                .put("weightsDigest", saved.weightsDigest());
        if (row.status() == CheckpointRow.Status.LOST) {
            node.put("lost", row.reason());
        }
        node.set("scores", scores(row.scores()));
        return node;
    }

    private ObjectNode soup(SoupView soup) {
        SoupRow row = soup.row();
        ObjectNode node = JSON.objectNode();
        node.put("id", row.id()).put("name", row.strategy()).put("level", row.global() ? "global" : "local");
        ObjectNode group = node.putObject("group");
        row.group().forEach((key, value) -> put(group, key, value));
        node.put("method", row.method().wireName());
        ArrayNode ingredients = node.putArray("ingredients");
        for (SoupRow.Tasting tasting : row.tastings()) {
            ObjectNode ingredient = ingredients.addObject().put("id", tasting.id());
            tasting.score().filter(Double::isFinite).ifPresent(score -> ingredient.put("tasted", score));
            ingredient.put("accepted", tasting.accepted());
        }
        soup.lost().forEach(node.putArray("lost")::add);
        node.put("file", file.apply(row.id()))
                .put("sha256", row.file().orElseThrow().sha256())
                .put("weightsDigest", row.weightsDigest())
                .put("status", row.status().name())
                .put("tastings", soup.passes())
                .put("epochs", soup.epochs());
        node.set("scores", scores(row.scores()));
        return node;
    }

    /** Rates and seeds are numbers, as in checkpoints. */
    private static void put(ObjectNode group, String key, String value) {
        switch (key) {
            case "learningRate" -> group.put(key, Double.parseDouble(value));
            case "seed" -> group.put(key, Long.parseLong(value));
            default -> group.put(key, value);
        }
    }

    private static ObjectNode scores(List<SplitScore> scores) {
        ObjectNode bySplit = JSON.objectNode();
        for (SplitScore score : scores) {
            ObjectNode metrics = bySplit.putObject(score.split());
            new TreeMap<>(score.metrics()).forEach((name, interval) -> {
                if (Double.isFinite(interval.value())) {
                    metrics.set(name, interval(interval));
                }
            });
        }
        return bySplit;
    }

    private static ObjectNode interval(Interval interval) {
        ObjectNode node = JSON.objectNode();
        number(node, "value", interval.value());
        number(node, "low", interval.low());
        number(node, "high", interval.high());
        return node;
    }

    private static void number(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        }
    }

    private static ObjectNode task(TrainingView training) {
        ObjectNode node = JSON.objectNode();
        node.put("id", training.id())
                .put("stage", training.stage().wireName())
                .put("learningRate", training.learningRate())
                .put("augmentation", training.augmentation().wireName())
                .put("seed", training.seed())
                .put("status", training.status().name())
                .put("seconds", training.seconds())
                .put("images", training.images());
        if (!training.failures().isEmpty()) {
            node.put("failure", training.failures().getLast());
        }
        ArrayNode epochs = node.putArray("epochs");
        for (EpochLog row : training.log()) {
            ObjectNode epoch = epochs.addObject().put("epoch", row.epoch());
            number(epoch, "learningRate", row.learningRate());
            number(epoch, "trainLoss", row.trainLoss());
            number(epoch, "validationLoss", row.validationLoss());
            number(epoch, "validationAccuracy", row.validationAccuracy());
        }
        return node;
    }

    private static ObjectNode cost(Cost cost) {
        ObjectNode node = JSON.objectNode();
        node.put("plannedEpochs", cost.plannedEpochs())
                .put("spentEpochs", cost.spentEpochs())
                .put("probeEpochs", cost.probeEpochs())
                .put("plannedGridEpochs", cost.plannedGridEpochs())
                .put("gridEpochs", cost.spentGridEpochs())
                .put("ratio", Math.round(cost.ratio() * 100) / 100.0)
                .put("images", cost.images());
        ObjectNode seconds = node.putObject("seconds");
        new TreeMap<>(cost.seconds()).forEach(seconds::put);
        return node;
    }
}
