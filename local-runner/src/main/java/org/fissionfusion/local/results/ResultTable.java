package org.fissionfusion.local.results;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The table that a run prints at its end: one row per strategy, one column per split. Made from results.json. */
public final class ResultTable {
    private final JsonNode results;
    private final String metric;
    private final List<JsonNode> strategies;
    private final List<String> splits;

    private ResultTable(JsonNode results) {
        this.results = results;
        this.metric = results.at("/selection/metric").asText();
        this.strategies = results.path("soups")
                .valueStream()
                .filter(soup -> soup.path("level").asText().equals("global"))
                .toList();
        this.splits = results.path("splits")
                .valueStream()
                .flatMap(split -> split.path("scored").valueStream())
                .map(JsonNode::asText)
                .toList();
    }

    /** The lines of the table. The best value of each split is marked with a star. */
    public static String of(JsonNode results) {
        return new ResultTable(results).text();
    }

    private String text() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("strategy"));
        head.addAll(splits);
        head.addAll(List.of("ingredients", "tastings", "epochs"));
        rows.add(head);
        strategies.forEach(soup -> rows.add(row(soup)));
        return render(rows)
                + "\n%s with its 95 %% interval; * best of its column%n".formatted(metric)
                + labels()
                + reestimated()
                + costLine();
    }

    /** What the results say of scores, split by split, and of whose where not of all. */
    private String labels() {
        Map<String, List<String>> said = new TreeMap<>();
        for (JsonNode soup : strategies) {
            soup.path("labels")
                    .properties()
                    .forEach(label -> said.computeIfAbsent(
                                    label.getKey() + " is " + label.getValue().asText(), _ -> new ArrayList<>())
                            .add(soup.path("name").asText()));
        }
        StringBuilder text = new StringBuilder();
        said.forEach((label, names) -> {
            String whose = names.size() == strategies.size() ? "" : " (" + String.join(", ", names) + ")";
            text.append(label).append(whose).append('\n');
        });
        return text.toString();
    }

    private String reestimated() {
        List<String> names = strategies.stream()
                .filter(soup -> soup.at("/batchNorm/served").asText().equals("reestimated"))
                .map(soup -> soup.path("name").asText())
                .toList();
        return names.isEmpty()
                ? ""
                : "served with BatchNorm statistics estimated anew: " + String.join(", ", names) + "\n";
    }

    private List<String> row(JsonNode soup) {
        List<String> row = new ArrayList<>(List.of(soup.path("name").asText()));
        splits.forEach(split -> row.add(cell(soup, split)));
        JsonNode ingredients = soup.path("ingredients");
        long accepted = ingredients
                .valueStream()
                .filter(one -> one.path("accepted").asBoolean())
                .count();
        row.add(accepted + " of " + ingredients.size());
        row.add(soup.path("tastings").asText());
        row.add(soup.path("epochs").asText());
        return row;
    }

    private String cell(JsonNode soup, String split) {
        JsonNode score = score(soup, split);
        if (score.isMissingNode()) {
            return "-";
        }
        double value = score.path("value").asDouble();
        boolean best = strategies.stream()
                .map(other -> score(other, split))
                .allMatch(other -> other.isMissingNode() || other.path("value").asDouble() <= value);
        return String.format(
                Locale.ROOT,
                "%.4f%s [%.4f, %.4f]",
                value,
                best ? "*" : " ",
                score.path("low").asDouble(),
                score.path("high").asDouble());
    }

    private JsonNode score(JsonNode soup, String split) {
        return soup.path("scores").path(split).path(metric);
    }

    private String costLine() {
        JsonNode cost = results.path("cost");
        return String.format(
                Locale.ROOT,
                "cost: %d of %d planned epochs, linear probe %d, %s; a grid search plans %d epochs, %.2f times as many%n",
                cost.path("spentEpochs").asInt(),
                cost.path("plannedEpochs").asInt(),
                cost.path("probeEpochs").asInt(),
                time(cost.path("seconds").path("wall").asDouble()),
                cost.path("plannedGridEpochs").asInt(),
                cost.path("ratio").asDouble());
    }

    /** A duration for people, e.g. 3 min 5 s. */
    public static String time(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    static String render(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                line.append(rows.get(r).get(c))
                        .append(" ".repeat(widths[c] - rows.get(r).get(c).length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
            if (r == 0) {
                text.append("-".repeat(java.util.Arrays.stream(widths).sum() + 2 * (columns - 1)))
                        .append('\n');
            }
        }
        return text.toString();
    }
}
