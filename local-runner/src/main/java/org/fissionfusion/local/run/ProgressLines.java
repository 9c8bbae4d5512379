package org.fissionfusion.local.run;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.fissionfusion.core.experiment.EpochLog;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.SplitScore;
import org.fissionfusion.core.view.EvaluationView;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.Heartbeat;
import org.fissionfusion.core.view.SoupView;
import org.fissionfusion.core.view.TrainingView;
import org.fissionfusion.local.results.ResultTable;

/** What is said of each part of an experiment, a line each. */
final class ProgressLines {
    private final ExperimentView view;

    ProgressLines(ExperimentView view) {
        this.view = view;
    }

    String headline() {
        long soups = view.soups().stream()
                .filter(soup -> soup.row().status() == SoupRow.Status.SERVED)
                .count();
        return String.format(
                Locale.ROOT,
                "%s: %s, %d of %d tasks done, tastings %d, soups served %d of %d%s",
                view.id(),
                view.standing().toLowerCase(Locale.ROOT),
                view.tasksDone(),
                view.tasksTotal(),
                view.evaluations().stream()
                        .filter(task -> task.kind().equals("tasting") && task.seconds() > 0)
                        .count(),
                soups,
                view.soups().size(),
                view.reason().isBlank() ? "" : " (" + view.reason() + ")");
    }

    String running(TrainingView task, Heartbeat beat) {
        if (beat.step() == 0) {
            return String.format(
                    Locale.ROOT, "%s: %s, about to begin on %s", local(task.id()), beat.stage(), beat.worker());
        }
        String left = beat.secondsLeft() < 0 ? "" : ", " + ResultTable.time(beat.secondsLeft()) + " left";
        return String.format(
                Locale.ROOT,
                "%s: %s, lr %.2e, epoch %d/%d, step %d/%d, loss %.4f, %.0f images/s%s",
                local(task.id()),
                beat.stage(),
                beat.learningRate(),
                beat.epoch(),
                beat.epochs(),
                beat.step(),
                beat.steps(),
                beat.loss(),
                beat.imagesPerSecond(),
                left);
    }

    String running(EvaluationView task) {
        String subject =
                task.subjects().isEmpty() ? "" : " of " + local(task.subjects().getLast());
        String more = task.subjects().size() > 1 ? " with " + (task.subjects().size() - 1) + " others" : "";
        return task.kind() + subject + more;
    }

    String done(TrainingView task) {
        EpochLog best = task.log().stream()
                .min(Comparator.comparingDouble(EpochLog::validationLoss))
                .orElse(null);
        return String.format(
                Locale.ROOT,
                "%s: done, %d epochs, %.0f images/s%s",
                local(task.id()),
                task.log().size(),
                task.images() / Math.max(task.seconds(), 1e-9),
                best == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", validation loss %.4f and accuracy %.4f in epoch %d",
                                best.validationLoss(),
                                best.validationAccuracy(),
                                best.epoch()));
    }

    String lost(String id, List<String> failures) {
        return local(id) + ": lost, " + (failures.isEmpty() ? "not run" : failures.getLast());
    }

    String soup(SoupView soup) {
        SoupRow row = soup.row();
        long accepted =
                row.tastings().stream().filter(SoupRow.Tasting::accepted).count();
        String name = "soup " + row.id().substring((view.id() + "/soup/").length());
        return switch (row.status()) {
            case GATHERING -> name + ": waits for its " + row.expected().size() + " ingredients";
            case TASTING ->
                "%s: %s, %d of %d tasted, %d accepted"
                        .formatted(
                                name,
                                row.method().wireName(),
                                row.tastings().size(),
                                row.expected().size(),
                                accepted);
            case PERSISTING, BLENDED, SERVED ->
                "%s: %s, %d tastings, %d of %d accepted%s"
                        .formatted(
                                name,
                                row.method().wireName(),
                                soup.passes(),
                                accepted,
                                row.tastings().size(),
                                score(row));
            case SPOILED -> name + ": spoiled, " + row.reason();
        };
    }

    private String score(SoupRow row) {
        String metric = view.request().selection().metric().wireName();
        StringBuilder text = new StringBuilder();
        for (SplitScore score : row.scores()) {
            text.append(String.format(Locale.ROOT, ", %s %.4f", score.split(), score.value(metric)));
        }
        return text.isEmpty() ? "" : text.insert(1, " " + metric).toString();
    }

    private String local(String id) {
        return id.startsWith(view.id() + "/") ? id.substring(view.id().length() + 1) : id;
    }
}
