package org.fissionfusion.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.retention.Needed;
import org.fissionfusion.core.retention.Verdict;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final ExperimentRequest REQUEST = Simulation.request("best", "greedy", "GoG");
    private static final Duration GRACE = Duration.ofHours(24);
    private static final Duration OLD = Duration.ofHours(25);

    private static Experiment completed() {
        return new Simulation(1, Set.of()).run(REQUEST);
    }

    /** All that happened until the first soup was blended. */
    private static Experiment running() {
        Experiment[] state = {null};
        Simulation simulation = new Simulation(1, Set.of()) {
            @Override
            void send(ExperimentEvent event) {
                if (state[0] == null) {
                    super.send(event);
                    if (experiment.soups().values().stream().anyMatch(SoupRow::settled)) {
                        state[0] = experiment;
                    }
                }
            }
        };
        simulation.run(REQUEST);
        return state[0];
    }

    @Test
    void keepsAServedSoupWithAllItIsMadeOf() {
        // Given
        Experiment experiment = completed();

        // When
        Needed needed = Needed.by(List.of(experiment), List.of());

        // Then
        assertThat(needed.anythingRuns()).isFalse();
        for (SoupRow soup : experiment.soups().values()) {
            assertThat(needed.covers(soup.file().orElseThrow().key()))
                    .as(soup.id())
                    .isTrue();
            assertThat(soup.recipe().orElseThrow().ingredients())
                    .allSatisfy(ingredient ->
                            assertThat(needed.covers(ingredient.file().key())).isTrue());
            assertThat(soup.scores())
                    .hasSize(3)
                    .allSatisfy(score ->
                            assertThat(needed.covers(score.predictions().key())).isTrue());
        }
    }

    @Test
    void givesUpWhatNoServedSoupIsMadeOf() {
        // Given
        Experiment experiment = completed();
        Set<String> chosen = experiment.soups().values().stream()
                .flatMap(soup -> soup.recipe().orElseThrow().ingredients().stream())
                .map(ingredient -> ingredient.file().key())
                .collect(java.util.stream.Collectors.toSet());

        // When
        Needed needed = Needed.by(List.of(experiment), List.of());

        // Then
        assertThat(experiment.checkpoints().values())
                .anySatisfy(row -> assertThat(chosen)
                        .doesNotContain(row.saved().orElseThrow().file().key()))
                .allSatisfy(row -> {
                    CheckpointRow.Saved saved = row.saved().orElseThrow();
                    assertThat(needed.covers(saved.file().key()))
                            .isEqualTo(chosen.contains(saved.file().key()));
                    assertThat(needed.covers(
                                    saved.optimizerState().orElseThrow().key()))
                            .isFalse();
                });
        assertThat(needed.covers("x/weights")).isFalse();
        assertThat(needed.covers("state/exp-1/fine-tune/a")).isFalse();
    }

    @Test
    void keepsEverythingOfARunningExperiment() {
        // Given
        Experiment experiment = running();
        assertThat(experiment.head().phase().isFinal()).isFalse();

        // When
        Needed needed = Needed.by(List.of(experiment), List.of());

        // Then
        assertThat(needed.anythingRuns()).isTrue();
        assertThat(List.of("x/weights", "x/train", "x/validation", "x/test", "x/nih"))
                .allMatch(needed::covers);
        assertThat(experiment.checkpoints().values().stream().flatMap(row -> row.saved().stream()))
                .isNotEmpty()
                .allSatisfy(saved -> {
                    assertThat(needed.covers(saved.file().key())).isTrue();
                    assertThat(needed.covers(
                                    saved.optimizerState().orElseThrow().key()))
                            .isTrue();
                });
        assertThat(List.of("state/exp-1/a", "outcomes/training/exp-1/a", "outcomes/evaluation/exp-1/a"))
                .allMatch(needed::covers);
        assertThat(needed.covers("state/exp-10/a")).isFalse();
    }

    @Test
    void keepsTheFilesOfARequestThatNobodyHasSeenYet() {
        Needed needed = Needed.by(List.of(), List.of(REQUEST));
        assertThat(needed.covers("x/weights")).isTrue();
        assertThat(needed.covers("x/nih")).isTrue();
        assertThat(needed.anythingRuns()).isTrue();
    }

    @Test
    void keepsOnlyTheServedSoupsOfACancelledExperiment() {
        // Given
        Experiment cancelled = Experiment.step(Optional.of(running()), new ExperimentEvent.Cancelled("enough"))
                .next();
        assertThat(cancelled.head().phase()).isEqualTo(Phase.CANCELLED);

        // When
        Needed needed = Needed.by(List.of(cancelled), List.of());

        // Then
        assertThat(needed.keys()).isEmpty();
        assertThat(needed.prefixes()).isEmpty();
    }

    @Test
    void sparesTheYoungTheForeignAndWhatMayBeAskedForAgain() {
        Needed nothing = Needed.by(List.of(), List.of());
        Needed running = Needed.by(List.of(), List.of(REQUEST));
        assertThat(Verdict.of(nothing, "checkpoints/a", OLD, GRACE)).isEqualTo(Verdict.GARBAGE);
        assertThat(Verdict.of(nothing, "checkpoints/a", GRACE.minusSeconds(1), GRACE))
                .isEqualTo(Verdict.YOUNG);
        assertThat(Verdict.of(nothing, "thesis/a", OLD, GRACE)).isEqualTo(Verdict.FOREIGN);
        assertThat(Verdict.of(nothing, "checkpoints.txt", OLD, GRACE)).isEqualTo(Verdict.FOREIGN);
        assertThat(Verdict.of(running, "scores/a", OLD, GRACE)).isEqualTo(Verdict.CACHED);
        assertThat(Verdict.of(nothing, "scores/a", OLD, GRACE)).isEqualTo(Verdict.GARBAGE);
        assertThat(Verdict.of(running, "state/exp-1/a", OLD, GRACE)).isEqualTo(Verdict.NEEDED);
        assertThat(Verdict.prefixes().indexOf("scores/"))
                .isLessThan(Verdict.prefixes().indexOf("predictions/"));
    }
}
