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

/**
 * The content of results.json. Its skeleton is an interface: keys are added, never renamed. Numbers that are not finite
 * are left out.
 */
public final class ResultsJson {
    /** Version of the format. */
    public static final int VERSION = 1;

    private ResultsJson() {}

    /**
     * The document.
     *
     * @param file id of a checkpoint or soup to its file, relative to the folder of results.json
     * @param versions of what writes the results; the platforms of the trainings are added
     * @param documents content of the experiment's documents, by key: the comparison, and those of the soups
     * @param seconds put beside those of the stages in the cost ledger; {@code wall}: from start to end
     */
    public static ObjectNode of(
            ExperimentView view,
            UnaryOperator<String> file,
            Map<String, String> versions,
            Map<String, JsonNode> documents,
            Map<String, Double> seconds) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", VERSION)
                .put("experiment", view.id())
                .put("requestDigest", view.head().requestDigest())
                .put("phase", view.head().phase().name());
        root.putObject("selection")
                .put("metric", view.request().selection().metric().wireName());
        root.set("splits", ViewNodes.splits(view));
        ArrayNode checkpoints = root.putArray("checkpoints");
        for (CheckpointRow row : view.checkpoints()) {
            ObjectNode node = checkpoints.addObject();
            node.setAll(ViewNodes.checkpoint(row));
            if (row.status() != CheckpointRow.Status.LOST) {
                node.put("file", file.apply(row.id()));
            }
        }
        ArrayNode soups = root.putArray("soups");
        view.soups().stream()
                .filter(soup -> soup.row().file().isPresent())
                .forEach(soup -> soups.add(ViewNodes.soup(soup)
                        .put("file", file.apply(soup.row().id()))
                        .setAll(served(soup, documents))));
        ArrayNode tasks = root.putArray("tasks");
        view.trainings().forEach(training -> tasks.add(ViewNodes.task(training)));
        root.set("comparisons", comparisons(view.comparison().map(it -> documents.get(it.key()))));
        ObjectNode cost = ViewNodes.cost(view.cost());
        new TreeMap<>(seconds).forEach(cost.withObject("/seconds")::put);
        root.set("cost", cost);
        ObjectNode about = root.putObject("versions");
        Map<String, String> all = new TreeMap<>(versions);
        view.platform().forEach((key, values) -> all.put(key, String.join(", ", values)));
        all.forEach(about::put);
        view.notes().forEach(root.putArray("notes")::add);
        return root;
    }

    /** What a served soup's document tells beside its scores. */
    private static Map<String, JsonNode> served(SoupView soup, Map<String, JsonNode> documents) {
        Map<String, JsonNode> told = new TreeMap<>();
        soup.row().document().map(it -> documents.get(it.key())).ifPresent(document -> {
            for (String key : List.of("calibration", "subgroups")) {
                if (!document.path(key).isEmpty()) {
                    told.put(key, document.get(key));
                }
            }
        });
        return told;
    }

    /** A row per split, strategy and baseline. */
    private static ArrayNode comparisons(Optional<JsonNode> document) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (JsonNode split : document.map(it -> it.path("splits")).orElse(rows)) {
            for (JsonNode comparison : split.path("comparisons")) {
                ObjectNode row =
                        rows.addObject().put("split", split.path("split").asText());
                comparison.properties().stream()
                        .filter(field -> !field.getValue().isNull())
                        .forEach(field -> row.set(field.getKey(), field.getValue()));
            }
        }
        return rows;
    }
}
