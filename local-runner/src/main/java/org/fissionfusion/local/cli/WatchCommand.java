package org.fissionfusion.local.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.local.run.ProgressPrinter;
import org.fissionfusion.local.run.RunPrinter;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.FollowedExperiment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = {
            "Shows an experiment of a cluster until it ends. Stopping to watch does nothing to it.",
            "Exit code 1: it ended without a result."
        })
final class WatchCommand implements Callable<Integer> {
    private static final Duration CATCH_UP = Duration.ofMinutes(2);
    private static final Duration TICK = Duration.ofMillis(500);

    @Parameters(paramLabel = "EXPERIMENT")
    private String experiment;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private OutputOptions options;

    @Override
    public Integer call() throws Exception {
        RunPrinter printer = options.printer();
        ProgressPrinter progress = printer.progress();
        try (ExperimentFollower follower = ExperimentFollower.of(cluster.clients(), experiment)) {
            caughtUp(follower);
            for (long seen = 0; ; seen = follower.awaitChange(seen, TICK)) {
                follower.requireWorking();
                ExperimentView view = known(follower, experiment).view();
                progress.show(view, Instant.now());
                if (view.ended()) {
                    progress.finish();
                    return end(printer, view);
                }
                Thread.sleep(TICK);
            }
        }
    }

    static void caughtUp(ExperimentFollower follower) {
        if (!follower.awaitCaughtUp(CATCH_UP)) {
            follower.requireWorking();
            throw new KafkaException("the brokers did not show all events within " + CATCH_UP.toSeconds() + " s");
        }
    }

    static FollowedExperiment known(ExperimentFollower follower, String experiment) throws RunRefused {
        Optional<FollowedExperiment> known = follower.experiment(experiment);
        return known.orElseThrow(
                () -> new RunRefused("there is no experiment " + experiment + "; `fissionfusion list` shows all"));
    }

    private static int end(RunPrinter printer, ExperimentView view) {
        if (view.head().phase() == Phase.COMPLETED) {
            printer.say("completed; `fissionfusion fetch " + view.id() + " --out DIR` gets the result");
            return FissionFusion.DONE;
        }
        printer.err()
                .println("fissionfusion: the experiment is " + view.standing().toLowerCase(Locale.ROOT) + ": "
                        + view.reason());
        return FissionFusion.FAILED;
    }
}
