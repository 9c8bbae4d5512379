package org.fissionfusion.core.view;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.TrainingSummary;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.Strategy;

/** Adds to each soup what is behind it. */
final class SoupViews {
    private final Experiment experiment;
    private final Map<String, String> fissionByBase;

    private SoupViews(Experiment experiment) {
        this.experiment = experiment;
        this.fissionByBase = experiment.tasks().values().stream()
                .filter(row -> row.work() instanceof Work.Fission)
                .collect(Collectors.toMap(row -> ((Work.Fission) row.work()).baseId(), TaskRow::id));
    }

    static List<SoupView> of(Experiment experiment) {
        var views = new SoupViews(experiment);
        List<String> strategies = experiment.head().request().strategies().stream()
                .map(Strategy::name)
                .toList();
        return experiment.soups().values().stream()
                .sorted(Comparator.comparingInt((SoupRow row) -> strategies.indexOf(row.strategy()))
                        .thenComparingInt(row -> -row.group().size())
                        .thenComparing(SoupRow::id))
                .map(views::view)
                .toList();
    }

    private SoupView view(SoupRow row) {
        Set<String> judged = row.tastings().stream().map(SoupRow.Tasting::id).collect(Collectors.toSet());
        boolean decided = row.settled() || row.status() == SoupRow.Status.PERSISTING;
        List<String> lost = decided
                ? row.expected().stream().filter(id -> !judged.contains(id)).toList()
                : List.of();
        Set<String> trainings = new HashSet<>();
        collect(row, trainings);
        long epochs = trainings.stream()
                .map(id -> experiment.tasks().get(id))
                .flatMap(task -> Optional.ofNullable(task).flatMap(TaskRow::training).stream())
                .mapToLong(TrainingSummary::epochs)
                .sum();
        Map<String, String> labels = experiment
                .head()
                .request()
                .validationLabel(row.strategy(), row.group().keySet())
                .map(label -> Map.of("validation", label))
                .orElse(Map.of());
        return new SoupView(row, lost, labels, passes(row), epochs);
    }

    /** The trainings that gave the checkpoints at the bottom of this soup. */
    private void collect(SoupRow row, Set<String> trainings) {
        for (String id : row.expected()) {
            SoupRow below = experiment.soups().get(id);
            if (below != null) {
                collect(below, trainings);
                continue;
            }
            CheckpointRow checkpoint = experiment.checkpoints().get(id);
            switch (checkpoint.stage()) {
                case FINE_TUNE -> trainings.add(id);
                case FISSION -> {
                    String base = id.substring(0, id.lastIndexOf("/cycle="));
                    trainings.add(base);
                    trainings.add(fissionByBase.get(base));
                }
                case LINEAR_PROBE, BATCH_NORM ->
                    throw new IllegalStateException(id + ": is of a stage that gives no ingredient");
            }
        }
    }

    private long passes(SoupRow row) {
        long below = row.expected().stream()
                .map(id -> experiment.soups().get(id))
                .filter(child -> child != null)
                .mapToLong(this::passes)
                .sum();
        int tasted = row.tastings().size();
        return below
                + switch (row.method()) {
                    case BEST -> 0;
                    case UNIFORM -> tasted > 1 ? 1 : 0;
                    case GREEDY -> Math.max(0, tasted - 1);
                };
    }
}
