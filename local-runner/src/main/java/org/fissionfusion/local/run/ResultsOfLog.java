package org.fissionfusion.local.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EpochLog;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.FineTuneSpec;
import org.fissionfusion.events.GridSearchSpec;
import org.fissionfusion.events.LeakagePolicy;
import org.fissionfusion.events.SoupLevel;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.events.TrainingFailed;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.local.results.Results;

/** Turns what the events said into the content of results.json. Pure. */
public final class ResultsOfLog {
    private static final int PAPER_AUGMENTATIONS = 3;
    private static final int PAPER_SEEDS = 2;

    private final RunLog log;
    private final ExperimentRequested request;

    public ResultsOfLog(RunLog log) {
        this.log = log;
        this.request = log.request().orElseThrow(() -> new IllegalStateException("no request was seen"));
    }

    /** @param comparisons the paired comparison of strategies, read from the store */
    public Results results(List<Results.Comparison> comparisons, Map<String, String> versions) {
        return new Results(
                Results.VERSION,
                request.getExperimentId(),
                request.getRequestDigest(),
                new Results.Selection(wire(request.getSelection().getMetric().name())),
                request.getData().getSplits().stream().map(ResultsOfLog::split).toList(),
                checkpoints(),
                soups(),
                tasks(),
                comparisons,
                cost(),
                versions,
                notes());
    }

    /** The name of a checkpoint's or soup's copy: its id without the experiment, without slashes. */
    static String fileName(String experimentId, String id) {
        String local = id.startsWith(experimentId + "/") ? id.substring(experimentId.length() + 1) : id;
        return local.replaceAll("[^A-Za-z0-9=._+-]", "_") + ".safetensors";
    }

    /** MACRO_F1 as requests spell it. */
    static String wire(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Results.Split split(DataSplit split) {
        return new Results.Split(
                split.getName(), split.getSealed(), split.getFile().getSha256());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (request.getLeakage() == LeakagePolicy.ALLOW) {
            notes.add("leakage between splits is allowed by the request: scores may be too high");
        }
        log.failed().forEach((task, failure) -> notes.add(task + " was lost: " + failure.getReason()));
        return notes;
    }

    private List<Results.Checkpoint> checkpoints() {
        return log.checkpoints().values().stream()
                .filter(saved -> log.training().containsKey(saved.taskId()))
                .filter(saved -> saved.checkpoint().getStage() != Stage.LINEAR_PROBE)
                .map(this::checkpoint)
                .toList();
    }

    private Results.Checkpoint checkpoint(RunLog.Saved saved) {
        TrainingTask task = log.training().get(saved.taskId());
        var checkpoint = saved.checkpoint();
        return new Results.Checkpoint(
                checkpoint.getCheckpointId(),
                inFissionPool(task) ? "fission" : "gridSearch",
                wire(task.getStage().name()),
                task.getLearningRate(),
                wire(task.getAugmentation().name()),
                task.getStage() == Stage.FISSION
                        ? request.getTraining().getFineTune().getSeed()
                        : task.getSeed(),
                checkpoint.getCycle(),
                checkpoint.getEpoch(),
                "checkpoints/" + fileName(request.getExperimentId(), checkpoint.getCheckpointId()),
                checkpoint.getFile().getSha256(),
                checkpoint.getWeightsDigest(),
                scores(log.scoresOf(checkpoint.getCheckpointId())));
    }

    private boolean inFissionPool(TrainingTask task) {
        FineTuneSpec fineTune = request.getTraining().getFineTune();
        return task.getStage() == Stage.FISSION
                || (task.getAugmentation() == fineTune.getAugmentation() && task.getSeed() == fineTune.getSeed());
    }

    private static Map<String, Map<String, Results.Value>> scores(List<SplitScore> scores) {
        Map<String, Map<String, Results.Value>> bySplit = new LinkedHashMap<>();
        for (SplitScore score : scores) {
            Map<String, Results.Value> metrics = new TreeMap<>();
            score.getMetrics().forEach((name, interval) -> {
                if (Double.isFinite(interval.getValue())) {
                    metrics.put(name, new Results.Value(interval.getValue(), interval.getLow(), interval.getHigh()));
                }
            });
            bySplit.put(score.getSplit(), metrics);
        }
        return bySplit;
    }

    private List<Results.Soup> soups() {
        List<String> order = request.getStrategies().stream()
                .map(strategy -> strategy.getName())
                .toList();
        return log.soups().values().stream()
                .sorted(Comparator.comparingInt((SoupReady soup) -> soup.getLevel() == SoupLevel.GLOBAL ? 1 : 0)
                        .thenComparingInt(soup -> order.indexOf(soup.getStrategy()))
                        .thenComparing(SoupReady::getSoupId))
                .map(this::soup)
                .toList();
    }

    private Results.Soup soup(SoupReady soup) {
        Map<String, Object> group = new TreeMap<>();
        soup.getGroup().forEach((key, value) -> group.put(key, numberOr(value)));
        return new Results.Soup(
                soup.getSoupId(),
                soup.getStrategy(),
                wire(soup.getLevel().name()),
                group,
                wire(soup.getMethod().name()),
                soup.getIngredients().stream()
                        .map(i -> new Results.Ingredient(i.getId(), i.getTasted(), i.getAccepted()))
                        .toList(),
                "soups/" + fileName(request.getExperimentId(), soup.getSoupId()),
                soup.getFile().getSha256(),
                soup.getWeightsDigest(),
                scores(soup.getScores()),
                soup.getTastings(),
                soup.getEpochs());
    }

    private static Object numberOr(String value) {
        try {
            double number = Double.parseDouble(value);
            return number == Math.rint(number) && Math.abs(number) < 1L << 53 && !value.contains(".")
                    ? (Object) (long) number
                    : (Object) number;
        } catch (NumberFormatException e) {
            return value;
        }
    }

    private List<Results.Task> tasks() {
        return log.training().values().stream().map(this::task).toList();
    }

    private Results.Task task(TrainingTask task) {
        TrainingCompleted done = log.completed().get(task.getTaskId());
        TrainingFailed failure = log.failed().get(task.getTaskId());
        List<EpochLog> epochs = done == null ? List.of() : done.getLog();
        return new Results.Task(
                task.getTaskId(),
                wire(task.getStage().name()),
                task.getLearningRate(),
                wire(task.getAugmentation().name()),
                task.getSeed(),
                done == null ? 0 : done.getSeconds(),
                done == null ? 0 : done.getImages(),
                failure == null ? null : failure.getReason(),
                epochs.stream()
                        .map(row -> new Results.Epoch(
                                row.getEpoch(),
                                row.getLearningRate(),
                                row.getTrainLoss(),
                                row.getValidationLoss(),
                                row.getValidationAccuracy()))
                        .toList());
    }

    private Results.Cost cost() {
        var training = request.getTraining();
        int rates = training.getFineTune().getLearningRates().size();
        int fineTune = training.getFineTune().getEpochs();
        int planned = rates * (fineTune + training.getFission().getEpochs());
        GridSearchSpec grid = training.getGridSearch();
        int settings = grid == null
                ? PAPER_AUGMENTATIONS * PAPER_SEEDS
                : grid.getAugmentations().size() * grid.getSeeds().size();
        int plannedGrid = rates * settings * fineTune;
        int spent = 0;
        int gridSpent = 0;
        int probe = 0;
        long images = 0;
        Map<String, Double> seconds = new TreeMap<>();
        for (Map.Entry<String, TrainingCompleted> done : log.completed().entrySet()) {
            TrainingTask task = log.training().get(done.getKey());
            if (task == null) {
                continue;
            }
            int epochs = done.getValue().getEpochs();
            if (task.getStage() == Stage.LINEAR_PROBE) {
                probe += epochs;
            } else if (inFissionPool(task)) {
                spent += epochs;
            } else {
                gridSpent += epochs;
            }
            images += done.getValue().getImages();
            seconds.merge(wire(task.getStage().name()), done.getValue().getSeconds(), Double::sum);
        }
        seconds.put(
                "evaluation",
                log.evaluated().values().stream()
                        .mapToDouble(EvaluationCompleted::getSeconds)
                        .sum());
        double ratio = (double) plannedGrid / planned;
        return new Results.Cost(planned, spent, probe, gridSpent, plannedGrid, ratio, images, seconds);
    }
}
