package org.fissionfusion.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.Strategy.Method;
import org.junit.jupiter.api.Test;

class ExperimentTest {
    private static final String[] EVERY_STRATEGY = {
        "best",
        "uniform",
        "greedy",
        "GoU",
        "GoG",
        "gridSearch/best",
        "gridSearch/uniform",
        "gridSearch/greedy",
        "gridSearch/GoU",
        "gridSearch/GoG",
        "Aug@top"
    };
    private static final String BASE = "exp-1/fine-tune/lr=1e-4/aug=heavy/seed=1";

    @Test
    void everyArrivalOrderMakesTheSameSoups() {
        // Given
        ExperimentRequest request = Simulation.request(EVERY_STRATEGY);
        Experiment reference = new Simulation(0, Set.of()).run(request);

        for (int seed = 1; seed <= 60; seed++) {
            // When
            Simulation simulation = new Simulation(seed, Set.of());
            Experiment experiment = simulation.run(request);

            // Then
            assertThat(experiment.head().phase()).as("seed %d", seed).isEqualTo(Phase.COMPLETED);
            assertThat(experiment.soups()).as("seed %d", seed).isEqualTo(reference.soups());
            assertThat(simulation.announced()).isEqualTo(experiment.soups().keySet());
        }
    }

    @Test
    void everySoupIsWhatANaiveLoopMakes() {
        Experiment experiment = new Simulation(7, Set.of()).run(Simulation.request(EVERY_STRATEGY));

        for (SoupRow soup : experiment.soups().values()) {
            assertThat(idsOf(soup)).as(soup.id()).isEqualTo(naive(experiment, soup, ExperimentTest::better));
        }
    }

    @Test
    void pairedAcceptanceMakesWhatANaiveLoopMakesInEveryOrderAndWithoutLostIngredients() {
        // Given
        ExperimentRequest request = Simulation.comparing(Simulation.request("greedy", "GoG", "GoU", "uniform"), 0.3);
        for (Set<String> broken : List.of(Set.<String>of(), Set.of(BASE))) {
            Experiment reference = new Simulation(0, broken).run(request);
            for (int seed = 1; seed <= 20; seed++) {
                // When
                Experiment experiment = new Simulation(seed, broken).run(request);

                // Then
                assertThat(experiment.soups()).as("seed %d", seed).isEqualTo(reference.soups());
            }
            for (SoupRow soup : reference.soups().values()) {
                if (soup.status() != SoupRow.Status.SPOILED) {
                    assertThat(idsOf(soup))
                            .as(soup.id())
                            .isEqualTo(naive(reference, soup, ExperimentTest::surelyBetter));
                }
            }
            assertThat(idsOf(reference.soups().get("exp-1/soup/greedy"))).hasSizeGreaterThan(2);
        }
    }

    private static boolean surelyBetter(Experiment experiment, List<String> with, List<String> soFar) {
        return Simulation.p(
                        Simulation.predictions(weightsOf(experiment, with), "validation"),
                        Simulation.predictions(weightsOf(experiment, soFar), "validation"))
                < 0.3;
    }

    private static boolean better(Experiment experiment, List<String> with, List<String> soFar) {
        return scoreOf(experiment, with) > scoreOf(experiment, soFar);
    }

    private static List<String> idsOf(SoupRow soup) {
        return soup.recipe().orElseThrow().ingredients().stream()
                .map(Ingredient::id)
                .toList();
    }

    private interface Acceptance {
        boolean takes(Experiment experiment, List<String> with, List<String> soFar);
    }

    /** The paper's loop, written again over plain lists. */
    private static List<String> naive(Experiment experiment, SoupRow soup, Acceptance acceptance) {
        List<String> ids = new ArrayList<>(soup.expected());
        ids.removeIf(id -> experiment.soups().containsKey(id)
                ? experiment.soups().get(id).status() == SoupRow.Status.SPOILED
                : experiment.checkpoints().get(id).status() == CheckpointRow.Status.LOST);
        ids.sort((a, b) -> {
            int byScore = Double.compare(scoreOf(experiment, List.of(b)), scoreOf(experiment, List.of(a)));
            return byScore != 0 ? byScore : a.compareTo(b);
        });
        if (soup.method() == Method.UNIFORM) {
            return ids;
        }
        List<String> taken = new ArrayList<>(ids.subList(0, 1));
        for (String id : soup.method() == Method.BEST ? List.<String>of() : ids.subList(1, ids.size())) {
            List<String> with = new ArrayList<>(taken);
            with.add(id);
            if (acceptance.takes(experiment, with, taken)) {
                taken = with;
            }
        }
        return taken;
    }

    private static double scoreOf(Experiment experiment, List<String> ids) {
        return Simulation.score(weightsOf(experiment, ids), "validation");
    }

    private static String weightsOf(Experiment experiment, List<String> ids) {
        List<Ingredient> ingredients = ids.stream()
                .map(id -> {
                    SoupRow soup = experiment.soups().get(id);
                    String digest = soup != null ? soup.weightsDigest() : Recipe.sha256(id);
                    return new Ingredient(id, Simulation.file(id), digest);
                })
                .toList();
        return Simulation.weights(new Recipe(ingredients));
    }

    @Test
    void sealedSplitsAreNamedInNoTaskBeforeTheSelectionIsClosed() {
        Simulation simulation = new Simulation(3, Set.of());
        simulation.run(Simulation.request(EVERY_STRATEGY));

        boolean closed = false;
        for (ExperimentCommand command : simulation.commands) {
            if (command instanceof ExperimentCommand.PublishControl control) {
                closed |= control.selectionClosed().isPresent();
            }
            if (command instanceof ExperimentCommand.IssueTask(TaskRow task)) {
                boolean unseals = task.work() instanceof Work.Serve
                        || (task.work() instanceof Work.Score score && score.sealedSplits());
                assertThat(unseals && !closed).as(task.id()).isFalse();
            }
        }
        assertThat(closed).isTrue();
    }

    @Test
    void aFailedBaseModelLosesItsWholeLineAndTheRestGoesOn() {
        Simulation simulation = new Simulation(5, Set.of(BASE));
        Experiment experiment = simulation.run(Simulation.request("GoG", "greedy"));

        assertThat(experiment.head().phase()).isEqualTo(Phase.COMPLETED);
        Set<String> lost = experiment.checkpoints().values().stream()
                .filter(row -> row.status() == CheckpointRow.Status.LOST)
                .map(CheckpointRow::id)
                .collect(Collectors.toSet());
        assertThat(lost).containsExactlyInAnyOrder(BASE, BASE + "/cycle=1", BASE + "/cycle=2");
        assertThat(experiment.soups().get("exp-1/soup/GoG/learningRate=1e-4").status())
                .isEqualTo(SoupRow.Status.SPOILED);
        assertThat(experiment.soups().get("exp-1/soup/GoG").status()).isEqualTo(SoupRow.Status.SERVED);
    }

    @Test
    void anExperimentWithoutAnyBaseModelFailsWithTheReasons() {
        ExperimentRequest request = Simulation.request("GoG");
        Set<String> all = Plan.tasks(request).keySet().stream()
                .filter(id -> id.contains("/fine-tune/"))
                .collect(Collectors.toSet());

        Experiment experiment = new Simulation(5, all).run(request);

        assertThat(experiment.head().phase()).isEqualTo(Phase.FAILED);
        assertThat(experiment.head().reason()).contains("broken");
    }

    @Test
    void theSameRequestTwiceChangesNothingAndAnotherOneOfThisIdIsRefused() {
        Simulation simulation = new Simulation(1, Set.of());
        Experiment done = simulation.run(Simulation.request("best"));
        int commands = simulation.commands.size();

        simulation.send(new ExperimentEvent.Requested(Simulation.request("best")));
        assertThat(simulation.experiment).isSameAs(done);
        assertThat(simulation.commands).hasSize(commands);

        simulation.send(new ExperimentEvent.Requested(Simulation.request("greedy")));
        assertThat(simulation.experiment).isEqualTo(done);
        assertThat(simulation.commands.getLast()).isInstanceOf(ExperimentCommand.RefuseEvent.class);
    }

    @Test
    void spoilsASoupWhoseFileHoldsOtherWeightsThanWereTasted() {
        Simulation simulation = new Simulation(4, Set.of()).writingOtherWeightsFor("exp-1/soup/best");
        Experiment experiment = simulation.run(Simulation.request("best", "greedy"));

        assertThat(experiment.head().phase()).isEqualTo(Phase.COMPLETED);
        assertThat(experiment.soups().get("exp-1/soup/best").status()).isEqualTo(SoupRow.Status.SPOILED);
        assertThat(experiment.soups().get("exp-1/soup/best").reason()).contains("tasted were");
        assertThat(experiment.soups().get("exp-1/soup/greedy").status()).isEqualTo(SoupRow.Status.SERVED);
    }

    @Test
    void anAlteredFileIsLostAloneWhicheverCandidateWasOnTrial() {
        ExperimentRequest request = Simulation.request("best", "uniform", "greedy", "GoU", "GoG");
        Experiment sound = new Simulation(0, Set.of()).run(request);
        String best = sound.soups().get("exp-1/soup/best").tastings().getFirst().id();

        for (int seed = 1; seed <= 20; seed++) {
            Experiment experiment =
                    new Simulation(seed, Set.of()).altering(best).run(request);

            assertThat(experiment.head().phase()).isEqualTo(Phase.COMPLETED);
            assertThat(experiment.checkpoints().values())
                    .filteredOn(row -> row.status() == CheckpointRow.Status.LOST)
                    .extracting(CheckpointRow::id)
                    .containsExactly(best);
            assertThat(experiment.soups().values())
                    .allSatisfy(soup -> assertThat(idsOf(soup))
                            .as(soup.id())
                            .isEqualTo(naive(experiment, soup, ExperimentTest::better)));
        }
    }

    @Test
    void plansWhatTheExampleRequestCosts() {
        var training = Simulation.request("best").training();

        assertThat(Cost.plannedEpochs(training)).isEqualTo(36);
        assertThat(Cost.plannedGridEpochs(training)).isEqualTo(64);
    }

    @Test
    void countsSpentEpochsByPool() {
        Experiment experiment = new Simulation(2, Set.of()).run(Simulation.request("GoG", "gridSearch/greedy"));

        Cost cost = Cost.of(experiment);

        assertThat(cost.spentEpochs()).isEqualTo(36);
        assertThat(cost.probeEpochs()).isEqualTo(2);
        assertThat(cost.spentGridEpochs()).isEqualTo(48);
        assertThat(cost.ratio()).isEqualTo(64.0 / 36);
    }

    @Test
    void countsTheEpochsThatADivergedTrainingHadFinished() {
        Simulation simulation = new Simulation(2, Set.of()).diverging(BASE);

        Cost cost = Cost.of(simulation.run(Simulation.request("GoG")));

        // 4 base models of 4 epochs and 4 fissions of 5, but for one line that ended after 3
        assertThat(cost.spentEpochs()).isEqualTo(3 * 4 + 3 * 5 + 3);
    }

    @Test
    void writesRatesInTheirShortestScientificForm() {
        assertThat(List.of(Ids.rate(1e-3), Ids.rate(5e-4), Ids.rate(0.02), Ids.rate(3.3e-5), Ids.rate(1)))
                .containsExactly("1e-3", "5e-4", "2e-2", "3.3e-5", "1e0");
    }
}
