package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import org.fissionfusion.local.results.RepeatSummary;
import org.fissionfusion.local.results.ResultTable;
import org.fissionfusion.local.results.ResultsFile;

/**
 * Where a run says what.
 *
 * @param rows of the terminal that may be drawn over, empty when {@code out} is none
 * @param json standard output is for a program
 */
public record RunPrinter(PrintStream out, PrintStream err, Optional<Integer> rows, boolean json) {

    /** A line for a person. */
    public void say(String line) {
        (json ? err : out).println(line);
        (json ? err : out).flush();
    }

    /** Shows an experiment while it goes. */
    public ProgressPrinter progress() {
        return new ProgressPrinter(json ? err : out, rows);
    }

    /**
     * The end of a run with repeats.
     *
     * @param summary content of summary.json
     * @param folder that holds it
     */
    public void summary(JsonNode summary, Path folder) throws IOException {
        if (json) {
            out.print(ResultsFile.text(summary));
        } else {
            out.println();
            out.print(RepeatSummary.table(summary));
            out.println("summary: " + folder.resolve("summary.json"));
            out.println("results: " + folder.resolve("repeats"));
        }
        out.flush();
    }

    /**
     * The end of a run.
     *
     * @param results content of results.json
     * @param folder that holds it
     */
    public void result(JsonNode results, Path folder) throws IOException {
        if (json) {
            out.print(ResultsFile.text(results));
        } else {
            results.path("notes").forEach(note -> out.println("note: " + note.asText()));
            out.println();
            out.print(ResultTable.of(results));
            out.println("results: " + folder.resolve("results.json"));
            out.println("report:  " + folder.resolve("report.html"));
        }
        out.flush();
    }
}
