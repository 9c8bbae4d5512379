package org.fissionfusion.local.run;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.TaskProgress;

/** Shows a run while it goes: redrawn lines on a terminal, plain lines anywhere else. */
public final class ProgressPrinter {
    private final PrintStream out;
    private final boolean terminal;
    private final Set<String> said = new HashSet<>();
    private int drawn;
    private String last = "";

    public ProgressPrinter(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows the state; a terminal is redrawn, a file gets a line per thing that is new. */
    public void show(RunLog log) {
        if (terminal) {
            redraw(log);
        } else {
            plain(log);
        }
    }

    /** Leaves the last picture standing. */
    public void finish() {
        drawn = 0;
    }

    private void redraw(RunLog log) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(log));
        log.underWay().forEach(beat -> lines.add("  " + line(beat)));
        log.soups().values().forEach(soup -> lines.add("  " + line(soup)));
        List<String> visible = lines.size() > 24 ? lines.subList(0, 24) : lines;
        String picture = String.join("\n", visible);
        if (picture.equals(last)) {
            return;
        }
        StringBuilder screen = new StringBuilder();
        if (drawn > 0) {
            screen.append("\u001b[").append(drawn).append('F');
        }
        screen.append("\u001b[0J");
        visible.forEach(
                line -> screen.append(line, 0, Math.min(line.length(), 118)).append('\n'));
        out.print(screen);
        out.flush();
        drawn = visible.size();
        last = picture;
    }

    private void plain(RunLog log) {
        log.status().ifPresent(status -> once("phase/" + status.getPhase(), headline(log)));
        log.underWay().stream()
                .filter(beat -> beat.getEpochs() > 0)
                .forEach(beat -> once(beat.getTaskId() + "/" + beat.getAttempt() + "/" + beat.getEpoch(), line(beat)));
        log.completed()
                .forEach((task, done) -> once(
                        task + "/done",
                        String.format(
                                Locale.ROOT,
                                "%s: %d epochs, %.0f images/s%s",
                                task,
                                done.getEpochs(),
                                done.getImages() / Math.max(done.getSeconds(), 1e-9),
                                done.getStoppedEarly() ? ", stopped early" : "")));
        log.failed().forEach((task, failure) -> once(task + "/failed", task + ": lost, " + failure.getReason()));
        log.soups().values().forEach(soup -> once(soup.getSoupId(), line(soup)));
    }

    private void once(String key, String line) {
        if (said.add(key)) {
            out.println(line);
            out.flush();
        }
    }

    private static String headline(RunLog log) {
        return log.status()
                .map(status -> String.format(
                        Locale.ROOT,
                        "%s: %s, %d of %d tasks done, tastings %d%s",
                        status.getExperimentId(),
                        status.getPhase().toLowerCase(Locale.ROOT),
                        status.getTasksDone(),
                        status.getTasksTotal(),
                        log.tastings(true),
                        status.getReason().isBlank() ? "" : " (" + status.getReason() + ")"))
                .orElse("starting");
    }

    private static String line(TaskProgress beat) {
        if (beat.getEpochs() == 0) {
            return beat.getTaskId() + ": " + beat.getStage();
        }
        String left =
                beat.getSecondsLeft() < 0 ? "" : String.format(Locale.ROOT, ", %.0f s left", beat.getSecondsLeft());
        return String.format(
                Locale.ROOT,
                "%s: %s, lr %.3g, epoch %d/%d, step %d/%d, loss %.4f, %.0f images/s%s",
                beat.getTaskId(),
                beat.getStage(),
                beat.getLearningRate(),
                beat.getEpoch(),
                beat.getEpochs(),
                beat.getStep(),
                beat.getSteps(),
                beat.getLoss(),
                beat.getImagesPerSecond(),
                left);
    }

    private static String line(SoupReady soup) {
        long accepted = soup.getIngredients().stream()
                .filter(ingredient -> ingredient.getAccepted())
                .count();
        return "soup %s: %d tastings, %d of %d accepted"
                .formatted(
                        soup.getSoupId(),
                        soup.getTastings(),
                        accepted,
                        soup.getIngredients().size());
    }
}
