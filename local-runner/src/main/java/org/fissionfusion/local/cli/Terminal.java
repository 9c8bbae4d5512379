package org.fissionfusion.local.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The terminal that this process may draw on. */
final class Terminal {
    private static final int USUAL_ROWS = 24;

    private Terminal() {}

    /** Rows of the terminal; empty when standard output is none, or one that cannot move its cursor. */
    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25 where there is no terminal
    static Optional<Integer> rows() {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
        return terminal ? Optional.of(askedRows()) : Optional.empty();
    }

    /** Java does not know the size of a terminal; stty does. */
    private static int askedRows() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectErrorStream(true)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            boolean answered = stty.waitFor(2, TimeUnit.SECONDS) && size.matches("[1-9][0-9]{0,4} [0-9]{1,5}");
            return answered ? Integer.parseInt(size.substring(0, size.indexOf(' '))) : USUAL_ROWS;
        } catch (IOException e) {
            return USUAL_ROWS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL_ROWS;
        }
    }
}
