package org.fissionfusion.local.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class TimedProcessTest {
    static final class Ends {
        private Ends() {}

        public static void main(String[] arguments) {}
    }

    @Test
    void closesWhatHasEndedBefore() throws Exception {
        TimedProcess process = TimedProcess.java(Ends.class, 1);
        for (int round = 0; round < 2; round++) { // the second finds a closed pipe
            assertThatThrownBy(process::round).isInstanceOf(IOException.class);
        }
        assertThatCode(process::close).doesNotThrowAnyException();
    }
}
