package org.fissionfusion.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.fissionfusion.runtime.HttpSettings;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

class RunOptionsTest {

    @Command
    private static final class Run {
        @Mixin
        private final RunOptions options = new RunOptions();

        @Parameters
        private String request;
    }

    @Test
    void takesANumberAfterDashboardAsItsPortAndARequestAsNone() {
        assertThat(dashboard("r.yaml")).isEmpty();
        assertThat(dashboard("--dashboard", "r.yaml")).map(HttpSettings::port).contains(0);
        assertThat(dashboard("r.yaml", "--dashboard")).map(HttpSettings::port).contains(0);
        assertThat(dashboard("--dashboard", "8080", "r.yaml"))
                .map(HttpSettings::port)
                .contains(8080);
        assertThat(dashboard("--dashboard=8080", "r.yaml"))
                .map(HttpSettings::port)
                .contains(8080);
    }

    private static Optional<HttpSettings> dashboard(String... arguments) {
        Run run = new Run();
        new CommandLine(run).parseArgs(arguments);
        assertThat(run.request).isEqualTo("r.yaml");
        return run.options.dashboard();
    }
}
