package org.fissionfusion.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fissionfusion.core.experiment.Reestimation.Status;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.ResultsJson;
import org.junit.jupiter.api.Test;

/** Soups with BatchNorm statistics estimated anew: the better form is served, the plain one is what is selected. */
class ReestimationTest {
    private static final String[] STRATEGIES = {"best", "uniform", "greedy", "GoU", "GoG"};
    private static final String UNIFORM = "exp-1/soup/uniform";

    @Test
    void servesTheBetterFormOfEverySoupOfSeveralIngredients() {
        Experiment plain = new Simulation(1, Set.of()).run(Simulation.request(STRATEGIES));

        Experiment experiment = new Simulation(1, Set.of()).run(Simulation.reestimating(STRATEGIES));

        assertThat(experiment.head().phase()).isEqualTo(Phase.COMPLETED);
        int better = 0;
        int worse = 0;
        for (SoupRow soup : experiment.soups().values()) {
            SoupRow selected = plain.soups().get(soup.id());
            assertThat(soup.status()).isEqualTo(SoupRow.Status.SERVED);
            assertThat(soup.recipe()).as(soup.id()).isEqualTo(selected.recipe());
            if (soup.recipe().orElseThrow().divisor() == 1) {
                assertThat(soup.reestimation()).isEmpty();
                continue;
            }
            String variant = Simulation.reestimated(selected.weightsDigest());
            boolean gains =
                    Simulation.score(variant, "validation") > Simulation.score(selected.weightsDigest(), "validation");
            assertThat(soup.reestimation().orElseThrow().status()).isEqualTo(gains ? Status.BETTER : Status.WORSE);
            assertThat(soup.weightsDigest()).isEqualTo(gains ? variant : selected.weightsDigest());
            assertThat(soup.score("test").orElseThrow().predictions())
                    .isEqualTo(Simulation.predictions(soup.weightsDigest(), "test"));
            better += gains ? 1 : 0;
            worse += gains ? 0 : 1;
        }
        assertThat(better).isPositive();
        assertThat(worse).isPositive();
    }

    @Test
    void everyArrivalOrderAndEveryTroubleServesTheSame() {
        Experiment reference = new Simulation(0, Set.of()).run(Simulation.reestimating(STRATEGIES));

        for (int seed = 1; seed <= 40; seed++) {
            Simulation simulation = new Simulation(seed, Set.of());
            Experiment experiment =
                    (seed % 2 == 0 ? simulation.troubled() : simulation).run(Simulation.reestimating(STRATEGIES));

            assertThat(experiment.soups()).as("seed %d", seed).isEqualTo(reference.soups());
            assertThat(experiment.head().selectionClosed())
                    .isEqualTo(reference.head().selectionClosed());
            assertThat(simulation.announced()).isEqualTo(experiment.soups().keySet());
            assertThat(experiment.divergences()).isEmpty();
        }
    }

    @Test
    void servesThePlainSoupAndSaysSoWhenATaskOfTheOtherFormFails() {
        Experiment plain = new Simulation(1, Set.of()).run(Simulation.request("uniform"));
        Recipe variant = new Recipe(List.of(new Ingredient(
                "any",
                Simulation.file("any"),
                Simulation.reestimated(plain.soups().get(UNIFORM).weightsDigest()))));
        for (String broken :
                List.of(Ids.batchNorm(UNIFORM), Ids.scoring("exp-1", variant, false), Ids.batchNormFile(UNIFORM))) {
            for (int seed = 1; seed <= 10; seed++) {
                Experiment experiment =
                        new Simulation(seed, Set.of(broken)).run(Simulation.reestimating("uniform", "best"));

                SoupRow soup = experiment.soups().get(UNIFORM);
                assertThat(experiment.head().phase()).isEqualTo(Phase.COMPLETED);
                assertThat(soup.status()).as(broken).isEqualTo(SoupRow.Status.SERVED);
                boolean neededAFile =
                        Simulation.score(variant.ingredients().getFirst().weightsDigest(), "validation")
                                > Simulation.score(plain.soups().get(UNIFORM).weightsDigest(), "validation");
                if (!broken.equals(Ids.batchNormFile(UNIFORM)) || neededAFile) {
                    assertThat(soup.reestimation().orElseThrow().status()).isEqualTo(Status.LOST);
                    assertThat(ExperimentView.of(experiment).notes())
                            .contains(UNIFORM + " is served with its averaged BatchNorm statistics: w: broken");
                }
                assertThat(soup.weightsDigest())
                        .isEqualTo(plain.soups().get(UNIFORM).weightsDigest());
            }
        }
    }

    @Test
    void estimatesNothingOnceTheBudgetIsSpent() {
        double whole = Cost.of(new Simulation(1, Set.of()).run(Simulation.request("uniform")))
                .workerSeconds();

        Experiment experiment = new Simulation(1, Set.of()).run(Simulation.reestimating(whole / 2, "uniform"));

        SoupRow soup = experiment.soups().get(UNIFORM);
        assertThat(experiment.head().budgetSpent()).isTrue();
        assertThat(experiment.tasks().values()).noneMatch(row -> row.work() instanceof Work.Reestimate);
        assertThat(soup.status()).isEqualTo(SoupRow.Status.SERVED);
        assertThat(soup.recipe().orElseThrow().divisor()).isGreaterThan(1);
        assertThat(soup.reestimation().orElseThrow().status()).isEqualTo(Status.LOST);
        assertThat(ExperimentView.of(experiment).notes())
                .contains(UNIFORM + " is served with its averaged BatchNorm statistics: the budget is spent");
    }

    @Test
    void tellsBothFormsAndWhichOneIsServed() {
        Experiment experiment = new Simulation(3, Set.of()).run(Simulation.reestimating(STRATEGIES));

        JsonNode soups = ResultsJson.of(ExperimentView.of(experiment), id -> id, Map.of(), Map.of(), Map.of())
                .path("soups");

        for (JsonNode soup : soups) {
            SoupRow row = experiment.soups().get(soup.path("id").asText());
            JsonNode forms = soup.path("batchNorm");
            assertThat(forms.isMissingNode())
                    .isEqualTo(row.recipe().orElseThrow().divisor() == 1);
            if (!forms.isMissingNode()) {
                JsonNode served = forms.path(forms.path("served").asText());
                assertThat(served.path("weightsDigest")).isEqualTo(soup.path("weightsDigest"));
                assertThat(served.path("sha256")).isEqualTo(soup.path("sha256"));
                assertThat(served.at("/scores/validation")).isEqualTo(soup.at("/scores/validation"));
                double plain =
                        forms.at("/plain/scores/validation/macro-f1/value").asDouble();
                double variant = forms.at("/reestimated/scores/validation/macro-f1/value")
                        .asDouble();
                assertThat(forms.path("served").asText()).isEqualTo(variant > plain ? "reestimated" : "plain");
            }
        }
    }

    @Test
    void asksForNothingWhereTheRequestDoesNot() {
        Experiment experiment = new Simulation(3, Set.of()).run(Simulation.request(STRATEGIES));

        assertThat(experiment.tasks().values()).noneMatch(row -> row.work() instanceof Work.Reestimate);
        assertThat(experiment.soups().values())
                .allMatch(soup -> soup.reestimation().isEmpty());
    }
}
