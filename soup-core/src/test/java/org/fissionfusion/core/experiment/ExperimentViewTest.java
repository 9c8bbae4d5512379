package org.fissionfusion.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fissionfusion.core.view.EvaluationView;
import org.fissionfusion.core.view.ExperimentJson;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.Heartbeat;
import org.fissionfusion.core.view.ResultsJson;
import org.fissionfusion.core.view.SoupView;
import org.junit.jupiter.api.Test;

class ExperimentViewTest {
    private static final String BASE = "exp-1/fine-tune/lr=1e-4/aug=heavy/seed=1";

    private static Experiment finished(String... strategies) {
        return new Simulation(3, Set.of()).run(Simulation.request(strategies));
    }

    private static ObjectNode json(Experiment experiment) {
        return ResultsJson.of(
                ExperimentView.of(experiment),
                id -> (id.contains("/soup/") ? "soups/" : "checkpoints/") + id.replace('/', '_') + ".safetensors",
                Map.of("fissionfusion", "0.1.0"),
                Map.of(),
                Map.of("wall", 12.5));
    }

    private static JsonNode named(JsonNode list, String id) {
        for (JsonNode node : list) {
            if (node.path("id").asText().equals(id)) {
                return node;
            }
        }
        throw new AssertionError("no " + id + " in " + list);
    }

    @Test
    void writesTheFixedSkeleton() {
        ObjectNode root = json(finished("GoG", "best"));

        assertThat(root.path("version").asInt()).isEqualTo(1);
        assertThat(root.path("experiment").asText()).isEqualTo("exp-1");
        assertThat(root.path("requestDigest").asText()).matches("[0-9a-f]{64}");
        assertThat(root.at("/selection/metric").asText()).isEqualTo("macro-f1");
        JsonNode checkpoint = named(root.path("checkpoints"), BASE + "/cycle=2");
        assertThat(checkpoint.path("pool").asText()).isEqualTo("fission");
        assertThat(checkpoint.path("stage").asText()).isEqualTo("fission");
        assertThat(checkpoint.path("learningRate").asDouble()).isEqualTo(1e-4);
        assertThat(checkpoint.path("augmentation").asText()).isEqualTo("heavy");
        assertThat(checkpoint.path("seed").asLong()).isEqualTo(1);
        assertThat(checkpoint.path("cycle").asInt()).isEqualTo(2);
        assertThat(checkpoint.path("file").asText()).startsWith("checkpoints/").endsWith("cycle=2.safetensors");
        assertThat(checkpoint.path("sha256").asText()).matches("[0-9a-f]{64}");
        assertThat(checkpoint.path("weightsDigest").asText()).matches("[0-9a-f]{64}");
        assertThat(checkpoint.path("scores").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("validation", "test", "nih");
        assertThat(checkpoint.at("/scores/validation/macro-f1").fieldNames())
                .toIterable()
                .containsExactly("value", "low", "high");
    }

    @Test
    void writesSoupsInRankingOrderWithTheirGroup() {
        ObjectNode root = json(finished("GoG"));

        JsonNode global = named(root.path("soups"), "exp-1/soup/GoG");
        assertThat(global.path("level").asText()).isEqualTo("global");
        assertThat(global.path("group").isEmpty()).isTrue();
        assertThat(global.path("ingredients")).hasSize(4);
        assertThat(global.at("/ingredients/0/accepted").asBoolean()).isTrue();
        assertThat(global.at("/ingredients/0/id").asText()).startsWith("exp-1/soup/GoG/learningRate=");
        JsonNode local = named(root.path("soups"), "exp-1/soup/GoG/learningRate=1e-4");
        assertThat(local.path("level").asText()).isEqualTo("local");
        assertThat(local.path("name").asText()).isEqualTo("GoG");
        assertThat(local.at("/group/learningRate").asDouble()).isEqualTo(1e-4);
        assertThat(local.path("method").asText()).isEqualTo("greedy");
        assertThat(local.path("scores").has("nih")).isTrue();
    }

    @Test
    void writesTheCostOfTheExampleRequest() {
        JsonNode cost = json(finished("GoG")).path("cost");

        assertThat(cost.path("plannedEpochs").asInt()).isEqualTo(36);
        assertThat(cost.path("spentEpochs").asInt()).isEqualTo(36);
        assertThat(cost.path("probeEpochs").asInt()).isEqualTo(2);
        assertThat(cost.path("plannedGridEpochs").asInt()).isEqualTo(64);
        assertThat(cost.path("ratio").asDouble()).isEqualTo(1.78);
        assertThat(cost.path("seconds").has("fission")).isTrue();
        assertThat(cost.at("/seconds/wall").asDouble()).isEqualTo(12.5);
    }

    @Test
    void countsThePassesAndEpochsBehindEachSoupWithThoseBelow() {
        ExperimentView view = ExperimentView.of(finished("GoG", "uniform", "best"));

        SoupView local = soup(view, "exp-1/soup/GoG/learningRate=1e-4");
        assertThat(local.passes()).isEqualTo(2);
        assertThat(local.epochs()).isEqualTo(9);
        assertThat(soup(view, "exp-1/soup/GoG").passes()).isEqualTo(4 * 2 + 3);
        assertThat(soup(view, "exp-1/soup/GoG").epochs()).isEqualTo(36);
        assertThat(soup(view, "exp-1/soup/uniform").passes()).isEqualTo(1);
        assertThat(soup(view, "exp-1/soup/best").passes()).isZero();
    }

    private static SoupView soup(ExperimentView view, String id) {
        return view.soups().stream()
                .filter(soup -> soup.row().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void listsLowerSoupsBeforeThoseMadeOfThemInTheOrderOfTheRequest() {
        List<String> ids = ExperimentView.of(finished("uniform", "GoG", "best")).soups().stream()
                .map(soup -> soup.row().id())
                .toList();

        assertThat(ids).hasSize(7);
        assertThat(ids.getFirst()).isEqualTo("exp-1/soup/uniform");
        assertThat(ids.subList(5, 7)).containsExactly("exp-1/soup/GoG", "exp-1/soup/best");
    }

    @Test
    void saysWhatWasLostAndWhy() {
        Experiment experiment = new Simulation(5, Set.of(BASE)).run(Simulation.request("GoG", "greedy"));

        ObjectNode root = json(experiment);

        assertThat(root.path("notes").toString()).contains(BASE + " was lost: w: broken");
        JsonNode lost = named(root.path("soups"), "exp-1/soup/greedy").path("lost");
        assertThat(lost).extracting(JsonNode::asText).contains(BASE, BASE + "/cycle=1", BASE + "/cycle=2");
        assertThat(named(root.path("tasks"), BASE).path("failure").asText()).contains("broken");
    }

    @Test
    void showsTheHeartbeatOfATaskOnlyWhileThatAttemptRuns() {
        Experiment fresh = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(Simulation.request("best")))
                .next();

        assertThat(preflight(fresh, beat(1)).heartbeat()).contains(beat(1));
        assertThat(preflight(fresh, beat(1)).worker()).isEqualTo("w");
        assertThat(preflight(fresh, beat(2)).heartbeat()).isEmpty();
        assertThat(preflight(finished("best"), beat(1)).heartbeat()).isEmpty();
    }

    private static Heartbeat beat(int attempt) {
        return new Heartbeat("exp-1/preflight", attempt, "w", Instant.EPOCH, "preflight", 0, 0, 0, 0, 0, 0, 0, -1);
    }

    private static EvaluationView preflight(Experiment experiment, Heartbeat beat) {
        return ExperimentView.of(experiment, Map.of(beat.taskId(), beat), Optional.empty()).evaluations().stream()
                .filter(task -> task.kind().equals("preflight"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void namesTheWorkerAndTheSubjectsOfEveryEvaluation() {
        ExperimentView view = ExperimentView.of(finished("GoU"));

        assertThat(view.evaluations())
                .allSatisfy(task -> assertThat(task.worker()).isEqualTo("w"));
        assertThat(view.evaluations()).extracting(EvaluationView::kind).contains("scoring", "tasting", "serving");
        assertThat(view.evaluations().stream().filter(task -> task.kind().equals("serving")))
                .extracting(EvaluationView::subjects)
                .contains(List.of("exp-1/soup/GoU"));
    }

    @Test
    void saysWhereItStands() {
        Experiment done = finished("best");
        Experiment fresh = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(Simulation.request("best")))
                .next();
        Step pause = Experiment.step(Optional.of(fresh), new ExperimentEvent.Paused());

        assertThat(ExperimentView.of(done).standing()).isEqualTo("COMPLETED");
        assertThat(ExperimentView.of(done).ended()).isTrue();
        assertThat(ExperimentView.of(pause.next()).standing()).isEqualTo("PAUSED");
        ExperimentView blocked = ExperimentView.of(fresh, Map.of(), Optional.of("a bug"));
        assertThat(blocked.standing()).isEqualTo("BLOCKED");
        assertThat(blocked.reason()).isEqualTo("a bug");
        assertThat(blocked.ended()).isTrue();
    }

    @Test
    void writesARowPerComparisonWithItsSplit() throws Exception {
        JsonNode document = new ObjectMapper().readTree("""
                {"version": 1, "metric": "macro-f1", "splits": [{"split": "test", "comparisons": [
                  {"strategy": "GoG", "baseline": "best", "delta": 0.1, "low": null, "p": 0.03}]}]}
                """);

        ExperimentView view = ExperimentView.of(finished("GoG", "best"));
        JsonNode rows = ResultsJson.of(
                        view,
                        id -> id,
                        Map.of(),
                        Map.of(view.comparison().orElseThrow().key(), document),
                        Map.of())
                .path("comparisons");

        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).toString())
                .isEqualTo("{\"split\":\"test\",\"strategy\":\"GoG\",\"baseline\":\"best\",\"delta\":0.1,\"p\":0.03}");
    }

    @Test
    void tellsOfASoupWhatItsDocumentTellsBesideItsScores() throws Exception {
        ExperimentView view = ExperimentView.of(finished("GoG", "best"));
        SoupView soup = view.soups().stream()
                .filter(each -> each.row().id().equals("exp-1/soup/best"))
                .findFirst()
                .orElseThrow();
        JsonNode document = new ObjectMapper().readTree("""
                {"name": "best", "scores": {"test": {}}, "subgroups": {"test": {"sex": {"male": {"images": 9,
                  "verdict": "too few"}}}}, "calibration": {"temperature": 1.5}}
                """);

        JsonNode soups = ResultsJson.of(
                        view,
                        id -> id,
                        Map.of(),
                        Map.of(soup.row().document().orElseThrow().key(), document),
                        Map.of())
                .path("soups");

        JsonNode told = named(soups, "exp-1/soup/best");
        assertThat(told.at("/subgroups/test/sex/male/verdict").asText()).isEqualTo("too few");
        assertThat(told.at("/calibration/temperature").asDouble()).isEqualTo(1.5);
        assertThat(told.at("/scores/test/macro-f1/value").isNumber()).isTrue();
        assertThat(named(soups, "exp-1/soup/GoG").has("subgroups")).isFalse();
    }

    @Test
    void saysTheSameOfAnExperimentInTheDashboardAsInItsResults() {
        ExperimentView view = ExperimentView.of(finished("GoG", "best"));

        JsonNode shown = ExperimentJson.of(view);

        JsonNode results = json(finished("GoG", "best"));
        assertThat(shown.path("soupsServed").asInt()).isEqualTo(6);
        assertThat(shown.path("standing").asText()).isEqualTo("COMPLETED");
        for (String list : List.of("checkpoints", "soups")) {
            assertThat(shown.path(list)).hasSameSizeAs(results.path(list));
            for (JsonNode each : results.path(list)) {
                assertThat(named(shown.path(list), each.path("id").asText()).path("scores"))
                        .isEqualTo(each.path("scores"));
            }
        }
        assertThat(named(shown.path("tasks"), BASE).path("worker").asText()).isEqualTo("w");
        assertThat(shown.path("evaluations")).isNotEmpty();
    }

    @Test
    void writesTheSameTextWhateverTheOrderOfEvents() {
        String first = withoutTimes(json(new Simulation(1, Set.of()).run(Simulation.request("GoG", "greedy", "GoU"))));

        for (long seed = 2; seed < 12; seed++) {
            Experiment other = new Simulation(seed, Set.of()).run(Simulation.request("GoG", "greedy", "GoU"));
            assertThat(withoutTimes(json(other))).as("seed %d", seed).isEqualTo(first);
        }
    }

    private static String withoutTimes(ObjectNode root) {
        ((ObjectNode) root.path("cost")).remove("seconds");
        return root.toString();
    }
}
