package org.fissionfusion.souper;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.request.ExperimentRequest;

/** What files and documents say of a soup. */
final class SoupDocuments {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Experiment experiment;
    private final ExperimentRequest request;

    SoupDocuments(Experiment experiment) {
        this.experiment = experiment;
        this.request = experiment.head().request();
    }

    /** What a soup's file says of its making; the same for the same soup, whoever wrote it and when. */
    ObjectNode lineage(SoupRow soup) {
        ObjectNode json = JSON.createObjectNode();
        json.put("experiment", experiment.id());
        json.put("requestDigest", experiment.head().requestDigest());
        json.put("id", soup.id());
        json.put("name", soup.strategy());
        json.put("level", soup.global() ? "global" : "local");
        ObjectNode group = json.putObject("group");
        soup.group().forEach(group::put);
        json.put("method", soup.method().wireName());
        json.put("architecture", request.model().architecture());
        json.put("selectionMetric", request.selection().metric().wireName());
        json.put("divisor", soup.recipe().orElseThrow().divisor());
        ArrayNode ingredients = json.putArray("ingredients");
        for (SoupRow.Tasting tasting : soup.tastings()) {
            ObjectNode one = ingredients.addObject().put("id", tasting.id());
            tasting.score().ifPresent(score -> one.put("tasted", score));
            tasting.p().ifPresent(p -> one.put("p", p));
            one.put("accepted", tasting.accepted());
            soup.recipe().orElseThrow().ingredients().stream()
                    .filter(ingredient -> ingredient.id().equals(tasting.id()))
                    .forEach(ingredient -> one.put("weightsDigest", ingredient.weightsDigest()));
        }
        return json;
    }

    /** The result document of a soup that is served, as far as it is known before its sealed scores. */
    String served(SoupRow soup) {
        ObjectNode json = lineage(soup);
        json.put("file", soup.file().orElseThrow().key());
        json.put("sha256", soup.file().orElseThrow().sha256());
        json.put("weightsDigest", soup.weightsDigest());
        json.put("batchNormReestimated", soup.servesReestimated());
        ObjectNode labels = json.putObject("labels");
        labels(soup).forEach(labels::put);
        ArrayNode lost = json.putArray("lost");
        for (String id : soup.expected()) {
            CheckpointRow checkpoint = experiment.checkpoints().get(id);
            String reason = checkpoint != null
                    ? checkpoint.reason()
                    : experiment.soups().get(id).reason();
            if (!reason.isEmpty()) {
                lost.addObject().put("id", id).put("reason", reason);
            }
        }
        ObjectNode scores = json.putObject("scores");
        soup.scores().forEach(score -> scores.set(score.split(), JSON.valueToTree(score.metrics())));
        return json.toString();
    }

    /** Split to what must be said of its scores there. */
    Map<String, String> labels(SoupRow soup) {
        return request.validationLabel(soup.strategy(), soup.group().keySet())
                .map(label -> Map.of("validation", label))
                .orElse(Map.of());
    }
}
