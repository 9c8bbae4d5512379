package org.fissionfusion.local.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
    private static final String NASTY = "</script><script>alert(1)</script>/*CHARTS*/";

    @TempDir
    private Path folder;

    @Test
    void letsNothingThatAUserNamedBecomeMarkup() throws Exception {
        Path file = folder.resolve("report.html");

        ReportPage.write(file, results(NASTY));

        String page = Files.readString(file);
        assertThat(page).doesNotContain("<script>alert(1)");
        assertThat(page.split("<script", -1)).hasSize(4);
        assertThat(page).doesNotContain("src=\"http").doesNotContain("<link");
    }

    @Test
    void marksTheBestOfEachColumnInTheTable() {
        String table = ResultTable.of(results("nih"));

        assertThat(table).contains("GoG").contains("0.9000* [0.8000, 1.0000]").contains("1 of 2");
    }

    private static Results results(String split) {
        Results.Value value = new Results.Value(0.9, 0.8, 1);
        Results.Soup soup = new Results.Soup(
                "x/GoG",
                "GoG",
                "global",
                Map.of(),
                "greedy",
                List.of(new Results.Ingredient("a", 0.9, true), new Results.Ingredient("b", 0.8, false)),
                "soups/GoG.safetensors",
                "00",
                "11",
                Map.of(split, Map.of("accuracy", value)),
                2,
                9);
        return new Results(
                1,
                "x",
                "22",
                new Results.Selection("accuracy"),
                List.of(new Results.Split(split, true, "33")),
                List.of(),
                List.of(soup),
                List.of(),
                List.of(),
                new Results.Cost(36, 36, 2, 0, 64, 64.0 / 36, 1, Map.of()),
                Map.of(),
                List.of(NASTY));
    }
}
