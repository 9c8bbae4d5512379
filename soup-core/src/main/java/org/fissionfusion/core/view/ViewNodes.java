package org.fissionfusion.core.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.fissionfusion.core.experiment.Attempt;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.Reestimation;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.SplitScore;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.metric.Scorecard.FindingScore;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.Strategy.Pool;

/** The parts that results.json and the dashboard's JSON say in the same words. Numbers that are not finite are left out. */
final class ViewNodes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ViewNodes() {}

    /** Every split with the digest of its prepared file. */
    static ArrayNode splits(ExperimentView view) {
        ArrayNode splits = JSON.arrayNode();
        for (DataSplit split : view.request().data().splits()) {
            ObjectNode node = splits.addObject()
                    .put("name", split.name())
                    .put("sealed", split.sealed())
                    .put("sha256", split.file().sha256());
            ArrayNode scored = node.putArray("scored");
            split.scored().forEach(scored::add);
        }
        return splits;
    }

    /** A saved checkpoint, without its file. */
    static ObjectNode checkpoint(CheckpointRow row) {
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
                .put("sha256", saved.file().sha256())
                .put("weightsDigest", saved.weightsDigest());
        if (row.status() == CheckpointRow.Status.LOST) {
            node.put("lost", row.reason());
        }
        node.set("scores", scores(row.scores()));
        findings(node, row.scores());
        return node;
    }

    /** A soup, whether or not its file is written, without that. */
    static ObjectNode soup(SoupView soup) {
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
            tasting.p().ifPresent(p -> number(ingredient, "p", p));
            ingredient.put("accepted", tasting.accepted());
        }
        soup.lost().forEach(node.putArray("lost")::add);
        row.file().ifPresent(written -> node.put("sha256", written.sha256()).put("weightsDigest", row.weightsDigest()));
        node.put("status", row.status().name()).put("tastings", soup.passes()).put("epochs", soup.epochs());
        ObjectNode labels = node.putObject("labels");
        soup.labels().forEach(labels::put);
        node.set("scores", scores(row.scores()));
        findings(node, row.scores());
        row.reestimation().ifPresent(it -> node.set("batchNorm", reestimation(it)));
        return node;
    }

    /** Both forms of a soup, and which one is served. */
    private static ObjectNode reestimation(Reestimation reestimation) {
        ObjectNode node = JSON.objectNode();
        node.put("status", reestimation.status().name());
        boolean better = reestimation.status() == Reestimation.Status.BETTER;
        if (reestimation.settled()) {
            node.put("served", better ? "reestimated" : "plain");
        }
        if (!reestimation.reason().isEmpty()) {
            node.put("failure", reestimation.reason());
        }
        node.set("plain", variant(reestimation.plain()));
        reestimation.variant().ifPresent(variant -> node.set("reestimated", variant(variant)));
        return node;
    }

    private static ObjectNode variant(Reestimation.Variant variant) {
        ObjectNode node = JSON.objectNode();
        node.put("sha256", variant.file().sha256()).put("weightsDigest", variant.weightsDigest());
        node.set("scores", scores(variant.scores()));
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

    /** Each finding of multilabel sets, by split. */
    private static void findings(ObjectNode node, List<SplitScore> scores) {
        for (SplitScore score : scores) {
            for (FindingScore finding : score.findings()) {
                ObjectNode one = node.withObject("/findings")
                        .withObject("/" + score.split().replace("/", "~1"))
                        .putObject(finding.finding())
                        .put("positives", finding.positives())
                        .put("negatives", finding.negatives());
                finding.auroc().ifPresent(auroc -> one.set("auroc", interval(auroc)));
            }
        }
    }

    private static ObjectNode interval(Interval interval) {
        ObjectNode node = JSON.objectNode();
        number(node, "value", interval.value());
        number(node, "low", interval.low());
        number(node, "high", interval.high());
        return node;
    }

    static void number(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        }
    }

    /** A training task with its log. */
    static ObjectNode task(TrainingView training) {
        ObjectNode node = JSON.objectNode();
        node.put("id", training.id())
                .put("stage", training.stage().wireName())
                .put("learningRate", training.learningRate())
                .put("augmentation", training.augmentation().wireName())
                .put("seed", training.seed())
                .put("status", training.status().name())
                .put("seconds", training.seconds())
                .put("images", training.images());
        if (training.status() == TaskRow.Status.FAILED) {
            node.put("failure", training.failures().getLast());
        }
        attempts(node, training.attempts());
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

    /** Who tried, and what came of it. */
    static void attempts(ObjectNode node, List<Attempt> attempts) {
        ArrayNode all = node.putArray("attempts");
        for (Attempt attempt : attempts) {
            ObjectNode one = all.addObject()
                    .put("number", attempt.number())
                    .put("worker", attempt.worker())
                    .put("outcome", attempt.outcome().name().toLowerCase(Locale.ROOT));
            if (!attempt.reason().isEmpty()) {
                one.put("reason", attempt.reason());
            }
            number(one, "seconds", attempt.seconds());
        }
    }

    /** The cost ledger. */
    static ObjectNode cost(Cost cost) {
        ObjectNode node = JSON.objectNode();
        node.put("plannedEpochs", cost.plannedEpochs())
                .put("spentEpochs", cost.spentEpochs())
                .put("probeEpochs", cost.probeEpochs())
                .put("plannedGridEpochs", cost.plannedGridEpochs())
                .put("gridEpochs", cost.spentGridEpochs())
                .put("ratio", Math.round(cost.ratio() * 100) / 100.0)
                .put("images", cost.images());
        number(node, "workerSeconds", cost.workerSeconds());
        ObjectNode seconds = node.putObject("seconds");
        new TreeMap<>(cost.seconds()).forEach(seconds::put);
        return node;
    }
}
