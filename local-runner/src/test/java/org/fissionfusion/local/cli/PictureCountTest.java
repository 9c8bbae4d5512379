package org.fissionfusion.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PictureCountTest {
    private final StringWriter shown = new StringWriter();
    private Instant now = Instant.EPOCH;

    private void count(boolean terminal) {
        PictureCount count = new PictureCount(new PrintWriter(shown), terminal, () -> now);
        count.step("going on after 256 of 2560 pictures");
        for (int pictures = 512; pictures <= 2560; pictures += 128) {
            count.decoded(pictures, 2560);
            now = now.plusSeconds(2);
        }
    }

    @Test
    void writesALinePerTenthWhereThereIsNoTerminal() {
        count(false);
        assertThat(shown.toString().lines())
                .hasSize(10)
                .startsWith("going on after 256 of 2560 pictures", "512 of 2560 pictures")
                .contains("1536 of 2560 pictures, 64/s, 16 s left")
                .endsWith("2560 of 2560 pictures, 64/s");
    }

    @Test
    void keepsOneLineAliveOnATerminal() {
        count(true);
        assertThat(shown.toString().split(System.lineSeparator(), -1)).hasSize(3);
        assertThat(shown.toString())
                .contains("\r\033[K640 of 2560 pictures, 64/s, 30 s left\r\033[K")
                .endsWith("\r\033[K2560 of 2560 pictures, 64/s" + System.lineSeparator());
    }
}
