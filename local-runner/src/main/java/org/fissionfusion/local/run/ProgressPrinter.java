package org.fissionfusion.local.run;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.view.EvaluationView;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.Heartbeat;
import org.fissionfusion.core.view.SoupView;
import org.fissionfusion.core.view.TrainingView;

/**
 * Shows an experiment while it goes. A terminal is drawn over: a line per running task and per soup that is being made.
 * Anything else gets a line per thing that is new: a phase, an epoch, a finished task, a soup.
 */
public final class ProgressPrinter {
    private static final Duration SILENT = Duration.ofSeconds(30);
    private static final String WRAP_OFF = "\u001b[?7l";
    private static final String WRAP_ON = "\u001b[?7h";

    private final PrintStream out;
    private final Optional<Integer> rows;
    private final Set<String> said = new HashSet<>();
    private int drawn;
    private String last = "";

    /** @param rows of the terminal, empty when {@code out} is none */
    public ProgressPrinter(PrintStream out, Optional<Integer> rows) {
        this.out = out;
        this.rows = rows;
    }

    /**
     * Shows the state.
     *
     * @param now heartbeats much older than this are of workers that are gone
     */
    public void show(ExperimentView view, Instant now) {
        if (rows.isPresent()) {
            redraw(view, now, rows.get());
        } else {
            plain(view, now);
        }
    }

    /** Leaves the last picture standing. */
    public void finish() {
        drawn = 0;
        last = "";
    }

    private static Optional<Heartbeat> alive(Optional<Heartbeat> beat, Instant now) {
        return beat.filter(it -> it.at().isAfter(now.minus(SILENT)));
    }

    private void redraw(ExperimentView view, Instant now, int height) {
        ProgressLines lines = new ProgressLines(view);
        List<String> picture = new ArrayList<>(List.of(lines.headline()));
        for (TrainingView task : view.trainings()) {
            alive(task.heartbeat(), now).ifPresent(beat -> picture.add("  " + lines.running(task, beat)));
        }
        for (EvaluationView task : view.evaluations()) {
            alive(task.heartbeat(), now).ifPresent(_ -> picture.add("  " + lines.running(task)));
        }
        // soups in the making first, then the strategies; what does not fit is counted
        soups(view, SoupRow.Status.TASTING).forEach(soup -> picture.add("  " + lines.soup(soup)));
        soups(view, SoupRow.Status.PERSISTING).forEach(soup -> picture.add("  " + lines.soup(soup)));
        view.soups().stream()
                .filter(soup -> soup.row().global() && soup.row().settled())
                .forEach(soup -> picture.add("  " + lines.soup(soup)));
        int room = Math.max(2, height - 1);
        List<String> visible = picture;
        if (picture.size() > room) {
            visible = new ArrayList<>(picture.subList(0, room - 1));
            visible.add("  ... and " + (picture.size() - room + 1) + " more");
        }
        draw(visible);
    }

    private static List<SoupView> soups(ExperimentView view, SoupRow.Status status) {
        return view.soups().stream()
                .filter(soup -> soup.row().status() == status)
                .toList();
    }

    private void draw(List<String> lines) {
        String picture = String.join("\n", lines) + "\n";
        if (picture.equals(last)) {
            return;
        }
        // without wrapping a long line takes one row, whatever the width, and the way up stays known
        out.print((drawn > 0 ? "\u001b[" + drawn + "F" : "") + "\u001b[0J" + WRAP_OFF + picture + WRAP_ON);
        out.flush();
        drawn = lines.size();
        last = picture;
    }

    private void plain(ExperimentView view, Instant now) {
        ProgressLines lines = new ProgressLines(view);
        once("standing/" + view.standing(), lines.headline());
        for (TrainingView task : view.trainings()) {
            alive(task.heartbeat(), now)
                    .filter(beat -> beat.step() > 0)
                    .ifPresent(beat ->
                            once(task.id() + "/" + task.attempt() + "/" + beat.epoch(), lines.running(task, beat)));
            if (task.status() == TaskRow.Status.DONE) {
                once(task.id() + "/done", lines.done(task));
            } else if (task.status() == TaskRow.Status.FAILED) {
                once(task.id() + "/lost", lines.lost(task.id(), task.failures()));
            }
        }
        view.evaluations().stream()
                .filter(task -> task.status() == TaskRow.Status.FAILED)
                .forEach(task -> once(task.id() + "/lost", lines.lost(task.id(), task.failures())));
        view.soups().stream()
                .filter(soup -> soup.row().settled())
                .forEach(soup -> once(soup.row().id() + "/" + soup.row().status(), lines.soup(soup)));
    }

    private void once(String key, String line) {
        if (said.add(key)) {
            out.println(line);
            out.flush();
        }
    }
}
