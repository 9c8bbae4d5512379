package org.fissionfusion.evaluator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.metric.Scorecard;
import org.fissionfusion.core.metric.Scoring;
import org.fissionfusion.core.metric.Subgroups;
import org.fissionfusion.core.metric.Temperature;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.Interval;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.Column;
import org.fissionfusion.vision.images.PreparedSet;

/** What is told of a served soup beside its scores: its subgroups, and what one temperature does to its calibration. */
final class ServedReport {
    private static final List<Metric> OF_PROBABILITIES = List.of(Metric.ECE, Metric.BRIER, Metric.LOG_LOSS);

    private final ObjectStore store;
    private final Metric metric;
    private final BootstrapSpec bootstrap;

    ServedReport(ObjectStore store, EvaluationTask task) {
        this.store = store;
        this.metric = SplitScores.metric(task.getMetric());
        this.bootstrap = new BootstrapSpec(task.getBootstrapResamples(), task.getBootstrapSeed());
    }

    /** The split a temperature may be fitted on: nothing sealed decides anything. */
    static DataSplit fittable(DataSplit validation) {
        if (validation.getSealed()) {
            throw new TaskRefused("validation: " + validation.getName()
                    + " is sealed; allowed for fitting a temperature is an unsealed split");
        }
        return validation;
    }

    /** The temperature of least cross-entropy on what was predicted for validation. */
    double temperature(SplitScore validation) throws IOException {
        return Temperature.fit(predictions(validation));
    }

    /**
     * Adds {@code subgroups}: split, column, level, its images and the selection metric on them.
     *
     * @param scores of the splits, and of what they share under the name {@code SPLIT/shared}
     */
    void addSubgroups(ObjectNode document, List<DataSplit> splits, List<SplitScore> scores) throws IOException {
        ObjectNode subgroups = document.putObject("subgroups");
        for (DataSplit split : splits) {
            try (PreparedSet set = PreparedSets.open(split, store)) {
                for (SplitScore score : scores) {
                    String scored = score.getSplit();
                    if (scored.equals(split.getName()) || scored.startsWith(split.getName() + "/")) {
                        addColumns(subgroups, set.images().columns(), score);
                    }
                }
            }
        }
    }

    private void addColumns(ObjectNode subgroups, List<Column> columns, SplitScore score) throws IOException {
        if (columns.isEmpty()) {
            return;
        }
        Predictions predictions = predictions(score);
        ObjectNode bySplit = subgroups.putObject(score.getSplit());
        for (Column column : columns) {
            ObjectNode levels = bySplit.putObject(column.name());
            for (Subgroups.Part part :
                    Subgroups.score(predictions, column.levels(), column.values(), metric, bootstrap)) {
                ObjectNode level = levels.putObject(part.level()).put("images", part.images());
                part.score()
                        .ifPresentOrElse(
                                interval -> level.putObject(metric.wireName())
                                        .put("value", interval.value())
                                        .put("low", Documents.finite(interval.low()))
                                        .put("high", Documents.finite(interval.high())),
                                () -> level.put("verdict", part.tooFew() ? "too few" : "undefined"));
            }
        }
    }

    /** Adds {@code calibration}: the temperature, and the metrics of probabilities without and with it. */
    void addCalibration(ObjectNode document, SplitScore validation, List<SplitScore> scores) throws IOException {
        double temperature = temperature(validation);
        ObjectNode calibration = document.putObject("calibration")
                .put("temperature", temperature)
                .put("fittedOn", validation.getSplit());
        ObjectNode splits = calibration.putObject("splits");
        addCalibrated(splits, validation, temperature);
        for (SplitScore score : scores) {
            addCalibrated(splits, score, temperature);
        }
    }

    private void addCalibrated(ObjectNode splits, SplitScore before, double temperature) throws IOException {
        ObjectNode split = splits.putObject(before.getSplit());
        Scorecard after = Scoring.score(Temperature.apply(predictions(before), temperature), new BootstrapSpec(0, 0));
        for (Metric each : OF_PROBABILITIES) {
            Optional<Interval> raw = Optional.ofNullable(before.getMetrics().get(each.wireName()));
            var scaled = after.metrics().get(each);
            if (raw.isPresent() && scaled != null) {
                split.putObject(each.wireName())
                        .put("before", Documents.finite(raw.get().getValue()))
                        .put("after", Documents.finite(scaled.value()));
            }
        }
    }

    private Predictions predictions(SplitScore score) throws IOException {
        return PredictionsFile.read(store.verified(StoredObject.from(score.getPredictions())));
    }
}
