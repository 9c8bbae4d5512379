package org.fissionfusion.local.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What repeats of one experiment with other seeds have in common: mean and sample standard deviation of every metric of
 * every strategy on every split. A metric that is undefined in one repeat is left out.
 */
public final class RepeatSummary {
    private static final int VERSION = 1;

    private RepeatSummary() {}

    /** Content of summary.json, from the repeats' results in the order of their seeds. */
    public static ObjectNode of(String experiment, List<Long> seeds, List<JsonNode> results) {
        JsonNode first = results.getFirst();
        ObjectNode summary = JsonNodeFactory.instance.objectNode();
        summary.put("version", VERSION).put("experiment", experiment);
        seeds.forEach(summary.putArray("repeats")::add);
        summary.set("selection", first.path("selection"));
        summary.set("splits", first.path("splits"));
        var strategies = summary.putArray("strategies");
        for (String name : strategies(results)) {
            List<JsonNode> soups =
                    results.stream().map(one -> global(one, name)).toList();
            ObjectNode strategy = strategies.addObject().put("name", name);
            strategy.put(
                    "repeats",
                    soups.stream().filter(soup -> !soup.isMissingNode()).count());
            strategy.set("labels", global(first, name).path("labels"));
            ObjectNode scores = strategy.putObject("scores");
            for (String split : fields(soups, "/scores")) {
                ObjectNode metrics = scores.putObject(split);
                for (String metric : fields(soups, "/scores/" + split.replace("/", "~1"))) {
                    List<Double> values = values(soups, split, metric);
                    if (values.size() == soups.size()) {
                        metrics.set(metric, spread(values));
                    }
                }
            }
        }
        return summary;
    }

    private static Set<String> strategies(List<JsonNode> results) {
        Set<String> names = new LinkedHashSet<>();
        results.forEach(one -> one.path("soups")
                .valueStream()
                .filter(soup -> soup.path("level").asText().equals("global"))
                .forEach(soup -> names.add(soup.path("name").asText())));
        return names;
    }

    private static JsonNode global(JsonNode results, String name) {
        return results.path("soups")
                .valueStream()
                .filter(soup -> soup.path("level").asText().equals("global"))
                .filter(soup -> soup.path("name").asText().equals(name))
                .findFirst()
                .orElse(JsonNodeFactory.instance.missingNode());
    }

    private static Set<String> fields(List<JsonNode> soups, String pointer) {
        Set<String> names = new TreeSet<>();
        soups.forEach(soup -> soup.at(pointer).fieldNames().forEachRemaining(names::add));
        return names;
    }

    private static List<Double> values(List<JsonNode> soups, String split, String metric) {
        return soups.stream()
                .map(soup -> soup.path("scores").path(split).path(metric).path("value"))
                .filter(JsonNode::isNumber)
                .map(JsonNode::asDouble)
                .toList();
    }

    private static ObjectNode spread(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).sum() / values.size();
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("mean", mean).put("deviation", Math.sqrt(squares / (values.size() - 1)));
        values.forEach(node.putArray("values")::add);
        return node;
    }

    /** The lines of a table: a row per strategy, a column per split, by the metric that selected. */
    public static String table(JsonNode summary) {
        String metric = summary.at("/selection/metric").asText();
        List<String> splits = summary.path("splits")
                .valueStream()
                .flatMap(split -> split.path("scored").valueStream())
                .map(JsonNode::asText)
                .toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("strategy"));
        head.addAll(splits);
        rows.add(head);
        for (JsonNode strategy : summary.path("strategies")) {
            List<String> row = new ArrayList<>(List.of(strategy.path("name").asText()));
            for (String split : splits) {
                JsonNode spread = strategy.path("scores").path(split).path(metric);
                row.add(
                        spread.isMissingNode()
                                ? "-"
                                : String.format(
                                        Locale.ROOT,
                                        "%.4f ± %.4f",
                                        spread.path("mean").asDouble(),
                                        spread.path("deviation").asDouble()));
            }
            rows.add(row);
        }
        return ResultTable.render(rows)
                + String.format(
                        Locale.ROOT,
                        "%n%s, mean ± standard deviation over %d repeats%n",
                        metric,
                        summary.path("repeats").size());
    }
}
