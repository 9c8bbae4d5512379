package org.fissionfusion.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class FissionFusionTest {
    private final StringWriter errors = new StringWriter();
    private final CommandLine command = new CommandLine(new FissionFusion()).setErr(new PrintWriter(errors));

    @Test
    void saysThatAWorkerLacksMemoryHoweverItsFailureIsWrapped() {
        Exception failure = new IllegalStateException(
                "soup", new IllegalStateException("scoring failed", new OutOfMemoryError("Java heap space")));

        int code = FissionFusion.explain(failure, command, null);

        assertThat(code).isEqualTo(1);
        assertThat(errors.toString().strip())
                .isEqualTo(
                        "fissionfusion: out of memory (Java heap space): set FISSIONFUSION_HEAP higher, for example 4g; "
                                + "in a container -Xmx in JDK_JAVA_OPTIONS");
    }

    @Test
    void saysWhyAnyOtherCommandFailed() {
        int code = FissionFusion.explain(new IllegalStateException("no broker", new RuntimeException()), command, null);

        assertThat(code).isEqualTo(1);
        assertThat(errors.toString().strip()).isEqualTo("fissionfusion: no broker");
    }
}
