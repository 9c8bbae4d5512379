package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.EvaluationSummary;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.TrainingSummary;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.Heartbeat;
import org.junit.jupiter.api.Test;

class ProgressPrinterTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String PROBE = "tiny/probe/seed=1";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void saysNothingOfATaskBeforeItsFirstStepAndThenALinePerEpoch() throws Exception {
        ProgressPrinter printer = new ProgressPrinter(out, Optional.empty());
        Experiment probing = probing();

        printer.show(view(probing, beat(0, 0)), NOW);
        assertThat(text()).contains("tiny: probing, 1 of").doesNotContain("lr ").doesNotContain("step 0");

        printer.show(view(probing, beat(1, 3)), NOW);
        printer.show(view(probing, beat(1, 4)), NOW);
        printer.show(view(probing, beat(2, 1)), NOW);
        assertThat(text().lines().filter(line -> line.startsWith("probe/seed=1: linear-probe, lr 1.00e-03, epoch")))
                .containsExactly(
                        "probe/seed=1: linear-probe, lr 1.00e-03, epoch 1/2, step 3/9, loss 0.5000, 800 images/s, 1"
                                + " min 10 s left",
                        "probe/seed=1: linear-probe, lr 1.00e-03, epoch 2/2, step 1/9, loss 0.5000, 800 images/s, 1"
                                + " min 10 s left");
    }

    @Test
    void saysWhatATaskEndedWith() throws Exception {
        ProgressPrinter printer = new ProgressPrinter(out, Optional.empty());
        Experiment done = apply(
                probing(),
                new ExperimentEvent.CheckpointSaved(
                        PROBE,
                        1,
                        "w",
                        PROBE,
                        0,
                        new CheckpointRow.Saved(2, Requests.file("probe"), "d", Optional.empty(), 0.3)),
                new ExperimentEvent.TrainingCompleted(
                        PROBE,
                        1,
                        "w",
                        new TrainingSummary(
                                2,
                                1800,
                                2,
                                false,
                                List.of(
                                        new EpochLog(1, 1e-3, 0.6, 0.4, 0.8, 1, 900),
                                        new EpochLog(2, 5e-4, 0.5, 0.3, 0.9, 1, 900)),
                                Map.of()),
                        1));

        printer.show(ExperimentView.of(done), NOW);

        assertThat(text())
                .contains("probe/seed=1: done, 2 epochs, 900 images/s, validation loss 0.3000 and accuracy 0.9000 in"
                        + " epoch 2");
    }

    @Test
    void drawsOverATerminalAndLeavesOutAWorkerThatIsGone() throws Exception {
        ProgressPrinter printer = new ProgressPrinter(out, Optional.of(10));
        Experiment probing = probing();

        printer.show(view(probing, beat(1, 3)), NOW);
        assertThat(text()).contains("  probe/seed=1: linear-probe, lr 1.00e-03, epoch 1/2, step 3/9");
        bytes.reset();
        printer.show(view(probing, beat(1, 3)), NOW);
        assertThat(text()).isEmpty();
        printer.show(view(probing, beat(1, 3)), NOW.plusSeconds(60));
        assertThat(text()).startsWith("\u001b[2F\u001b[0J").doesNotContain("linear-probe");
    }

    private String text() throws Exception {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Experiment probing() throws Exception {
        Experiment asked = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(Requests.tiny(Map.of())))
                .next();
        return apply(
                asked,
                new ExperimentEvent.EvaluationCompleted(
                        "tiny/preflight",
                        1,
                        "w",
                        new EvaluationSummary(
                                "", List.of(), Optional.empty(), Optional.empty(), Optional.empty(), 1, 0),
                        1));
    }

    private static Experiment apply(Experiment experiment, ExperimentEvent... events) {
        for (ExperimentEvent event : events) {
            experiment = Experiment.step(Optional.of(experiment), event).next();
        }
        return experiment;
    }

    private static ExperimentView view(Experiment experiment, Heartbeat beat) {
        return ExperimentView.of(experiment, Map.of(PROBE, beat), Optional.empty());
    }

    private static Heartbeat beat(int epoch, int step) {
        return new Heartbeat(PROBE, 1, "trainer-1", NOW, "linear-probe", 1e-3, epoch, 2, step, 9, 0.5, 800, 70);
    }
}
