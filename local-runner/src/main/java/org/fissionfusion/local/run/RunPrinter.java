package org.fissionfusion.local.run;

import java.io.IOException;
import java.io.PrintStream;
import org.fissionfusion.local.results.ResultTable;
import org.fissionfusion.local.results.Results;
import org.fissionfusion.local.results.ResultsFile;

/**
 * Where a run says what.
 *
 * @param terminal lines may be drawn over
 * @param json standard output is for a program
 */
public record RunPrinter(PrintStream out, PrintStream err, boolean terminal, boolean json) {

    /** A line for a person. */
    public void say(String line) {
        (json ? err : out).println(line);
        (json ? err : out).flush();
    }

    ProgressPrinter progress() {
        return new ProgressPrinter(json ? err : out, terminal);
    }

    void result(Results results, OutputFolder folder) throws IOException {
        if (json) {
            out.print(ResultsFile.text(results));
        } else {
            results.notes().forEach(note -> out.println("note: " + note));
            out.println();
            out.print(ResultTable.of(results));
            out.println("results: " + folder.results());
            out.println("report:  " + folder.root().resolve("report.html"));
        }
        out.flush();
    }
}
