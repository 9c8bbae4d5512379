package org.fissionfusion.evaluator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.core.metric.PairedComparison.Comparison;
import org.fissionfusion.events.Interval;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.runtime.TaskRefused;

/** The JSON documents that evaluation leaves in the store; the same content makes the same bytes. */
final class Documents {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private Documents() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static byte[] bytes(ObjectNode document) {
        try {
            return (JSON.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can be written", e);
        }
    }

    /** A served soup's document: what the planner wrote, and the scores of every split in the order given. */
    static ObjectNode served(String document, List<SplitScore> scores) {
        ObjectNode served = parse(document);
        ObjectNode bySplit = served.withObject("/scores");
        for (SplitScore score : scores) {
            bySplit.set(score.getSplit(), score(score));
        }
        return served;
    }

    /** Strategies against baselines, split by split. */
    static byte[] compared(String metric, Map<String, List<Comparison>> bySplit) {
        ObjectNode document = object().put("version", 1).put("metric", metric);
        ArrayNode splits = document.putArray("splits");
        bySplit.forEach((split, comparisons) -> {
            ArrayNode rows = splits.addObject().put("split", split).putArray("comparisons");
            for (Comparison comparison : comparisons) {
                rows.addObject()
                        .put("strategy", comparison.strategy())
                        .put("baseline", comparison.baseline())
                        .put("delta", finite(comparison.delta()))
                        .put("low", finite(comparison.low()))
                        .put("high", finite(comparison.high()))
                        .put("p", finite(comparison.p()))
                        .put("holm", finite(comparison.holm()));
            }
        });
        return bytes(document);
    }

    /** JSON has no NaN and no infinity: they become null. */
    static Double finite(double value) {
        return Double.isFinite(value) ? Double.valueOf(value) : null;
    }

    private static ObjectNode parse(String document) {
        if (document.isBlank()) {
            return object();
        }
        try {
            JsonNode tree = JSON.readTree(document);
            if (tree instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new TaskRefused("document: is no JSON object", e);
        }
        throw new TaskRefused("document: is no JSON object");
    }

    private static ObjectNode score(SplitScore score) {
        ObjectNode node = object();
        ObjectNode metrics = node.putObject("metrics");
        for (Map.Entry<String, Interval> metric : new TreeMap<>(score.getMetrics()).entrySet()) {
            Interval interval = metric.getValue();
            metrics.putObject(metric.getKey())
                    .put("value", finite(interval.getValue()))
                    .put("low", finite(interval.getLow()))
                    .put("high", finite(interval.getHigh()));
        }
        node.put("loss", finite(score.getLoss())).put("images", score.getImages());
        ArrayNode recall = node.putArray("perClassRecall");
        score.getPerClassRecall().forEach(recall::add);
        ArrayNode support = node.putArray("support");
        score.getSupport().forEach(support::add);
        ArrayNode confusion = node.putArray("confusion");
        score.getConfusion().forEach(confusion::add);
        node.putObject("predictions")
                .put("key", score.getPredictions().getKey())
                .put("sha256", score.getPredictions().getSha256());
        return node;
    }
}
