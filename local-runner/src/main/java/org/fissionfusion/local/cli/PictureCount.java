package org.fissionfusion.local.cli;

import java.io.PrintWriter;
import org.fissionfusion.vision.images.PreparationListener;

/** Shows how many pictures are decoded: one living line on a terminal, a line per tenth elsewhere. */
final class PictureCount implements PreparationListener {
    private final PrintWriter out;
    private final boolean terminal;
    private int tenths = -1;

    PictureCount(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void decoded(int pictures, int of) {
        int reached = (int) (10L * pictures / of);
        if (terminal) {
            out.printf("\r%d of %d pictures%s", pictures, of, pictures == of ? System.lineSeparator() : "");
        } else if (reached > tenths) {
            out.printf("%d of %d pictures%n", pictures, of);
        }
        tenths = reached;
        out.flush();
    }
}
