package org.fissionfusion.local.results;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void marksTheBestOfEachColumnInTheTable() throws Exception {
        String table = ResultTable.of(results("nih"));

        assertThat(table)
                .contains("GoG")
                .contains("0.9000* [0.8000, 1.0000]")
                .contains("1 of 2")
                .contains("nih is optimistic: selected on this set")
                .contains("served with BatchNorm statistics estimated anew: GoG")
                .contains("2 min 5 s");
    }

    private static JsonNode results(String split) throws Exception {
        return new ObjectMapper().readTree("""
                {"version": 1, "experiment": "x", "requestDigest": "22", "selection": {"metric": "accuracy"},
                 "splits": [{"name": "SPLIT", "sealed": true, "sha256": "33", "scored": ["SPLIT"]}],
                 "checkpoints": [],
                 "soups": [{"id": "x/soup/GoG", "name": "GoG", "level": "global", "group": {}, "method": "greedy",
                   "ingredients": [{"id": "a", "tasted": 0.9, "accepted": true},
                                   {"id": "b", "tasted": 0.8, "accepted": false}],
                   "file": "soups/GoG.safetensors", "sha256": "00", "weightsDigest": "11",
                   "batchNorm": {"served": "reestimated"},
                   "labels": {"SPLIT": "optimistic: selected on this set"},
                   "scores": {"SPLIT": {"accuracy": {"value": 0.9, "low": 0.8, "high": 1.0}}},
                   "tastings": 2, "epochs": 9}],
                 "tasks": [], "comparisons": [],
                 "cost": {"plannedEpochs": 36, "spentEpochs": 36, "probeEpochs": 2, "gridEpochs": 0,
                   "plannedGridEpochs": 64, "ratio": 1.78, "images": 1, "seconds": {"wall": 125.2}},
                 "versions": {}, "notes": ["SPLIT"]}
                """.replace("SPLIT", split));
    }
}
