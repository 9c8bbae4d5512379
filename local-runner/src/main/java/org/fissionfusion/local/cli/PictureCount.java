package org.fissionfusion.local.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.fissionfusion.local.results.ResultTable;
import org.fissionfusion.vision.images.PreparationListener;

/** Shows how far a preparation is: one living line on a terminal, a line per tenth elsewhere. */
final class PictureCount implements PreparationListener {
    private static final String CLEAR = "\r\033[K";

    private final PrintWriter out;
    private final boolean terminal;
    private final InstantSource clock;
    private Instant begin;
    private int first;
    private int tenths = -1;

    PictureCount(PrintWriter out, boolean terminal, InstantSource clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
    }

    @Override
    public void decoded(int pictures, int of) {
        int reached = (int) (10L * pictures / of);
        if (terminal || reached > tenths) {
            String line = "%d of %d pictures%s".formatted(pictures, of, pace(pictures, of));
            if (!terminal) {
                out.println(line);
            } else {
                out.print(CLEAR + line + (pictures == of ? System.lineSeparator() : ""));
            }
            out.flush();
        }
        tenths = reached;
    }

    /** The first pictures that are reported start the clock: those before them may be of an earlier start. */
    private String pace(int pictures, int of) {
        if (begin == null) {
            begin = clock.instant();
            first = pictures;
            return "";
        }
        double seconds = Duration.between(begin, clock.instant()).toMillis() / 1000.0;
        double rate = (pictures - first) / Math.max(seconds, 0.001);
        return ", %.0f/s%s"
                .formatted(rate, pictures == of ? "" : ", " + ResultTable.time((of - pictures) / rate) + " left");
    }

    @Override
    public void step(String what) {
        out.println(what);
        out.flush();
    }
}
