package org.fissionfusion.local.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatSummaryTest {
    private static JsonNode results(String soups) throws Exception {
        return new ObjectMapper().readTree("""
                {"selection": {"metric": "accuracy"},
                 "splits": [{"name": "train", "scored": []}, {"name": "far", "scored": ["far", "far/shared"]}],
                 "soups": [%s]}
                """.formatted(soups));
    }

    private static String soup(String name, String split, double accuracy) {
        return """
                {"name": "%s", "level": "global", "labels": {}, "scores": {"%s": {"accuracy": {"value": %s}}}}
                """.formatted(name, split, accuracy);
    }

    @Test
    void givesMeanAndSampleDeviationPerStrategyAndSplit() throws Exception {
        JsonNode summary = RepeatSummary.of(
                "x",
                List.of(1L, 2L, 3L),
                List.of(
                        results(soup("GoG", "far/shared", 0.8)),
                        results(soup("GoG", "far/shared", 0.9)),
                        results(soup("GoG", "far/shared", 0.7))));

        JsonNode spread = summary.at("/strategies/0/scores/far~1shared/accuracy");
        assertThat(spread.path("mean").asDouble()).isCloseTo(0.8, within(1e-12));
        assertThat(spread.path("deviation").asDouble()).isCloseTo(0.1, within(1e-12));
        assertThat(spread.path("values")).hasSize(3);
        assertThat(RepeatSummary.table(summary)).contains("0.8000 ± 0.1000").contains("3 repeats");
    }

    @Test
    void aStrategyThatARepeatLacksHasNoMean() throws Exception {
        JsonNode summary = RepeatSummary.of(
                "x", List.of(1L, 2L), List.of(results(soup("GoG", "far", 0.8)), results(soup("best", "far", 0.9))));

        assertThat(summary.at("/strategies/0/scores/far/accuracy").isMissingNode())
                .isTrue();
        assertThat(summary.at("/strategies/0/repeats").asInt()).isEqualTo(1);
        assertThat(RepeatSummary.table(summary)).contains("GoG       -");
    }
}
