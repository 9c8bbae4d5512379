package org.fissionfusion.local.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.runtime.ServiceProcess;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.trainer.TrainerService;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One service of a cluster in this process: the same that its own main class starts. */
final class ServiceCommands {
    private ServiceCommands() {}

    static final class Configuration {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = {
                    "a properties file; FISSIONFUSION_BOOTSTRAP_SERVERS and so on are put over it.",
                    "docs/operations.md lists every key"
                })
        private Path file;

        private int run(ServiceRole role, ServiceProcess.Starter starter) {
            return ServiceProcess.run(role, Optional.ofNullable(file), starter);
        }
    }

    @Command(
            name = "trainer",
            mixinStandardHelpOptions = true,
            description = "Runs a trainer of a cluster until it is stopped.")
    static final class Trainer implements Callable<Integer> {
        @Mixin
        private Configuration configuration;

        @Override
        public Integer call() {
            return configuration.run(ServiceRole.TRAINER, TrainerService::launch);
        }
    }

    @Command(
            name = "evaluator",
            mixinStandardHelpOptions = true,
            description = "Runs an evaluator of a cluster until it is stopped.")
    static final class Evaluator implements Callable<Integer> {
        @Mixin
        private Configuration configuration;

        @Override
        public Integer call() {
            return configuration.run(ServiceRole.EVALUATOR, EvaluatorService::launch);
        }
    }

    @Command(
            name = "souper",
            mixinStandardHelpOptions = true,
            description = "Runs a souper of a cluster until it is stopped.")
    static final class Souper implements Callable<Integer> {
        @Mixin
        private Configuration configuration;

        @Override
        public Integer call() {
            return configuration.run(ServiceRole.SOUPER, SouperService::launch);
        }
    }
}
