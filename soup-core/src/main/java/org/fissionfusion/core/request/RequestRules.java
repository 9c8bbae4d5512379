package org.fissionfusion.core.request;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import org.fissionfusion.core.metric.Metric;

/**
 * What must be true of any request, whether it was read from a file or came as an event of another producer. Files
 * are looked at elsewhere; everything that the request itself tells is told here.
 */
public final class RequestRules {
    static final String ID = "[a-z0-9][a-z0-9-]{0,62}";
    static final List<Metric> SELECTABLE = List.of(
            Metric.ACCURACY,
            Metric.MACRO_F1,
            Metric.MACRO_RECALL,
            Metric.QUADRATIC_KAPPA,
            Metric.AUROC,
            Metric.COMPETITION_AUROC,
            Metric.FREQUENT_AUROC);
    static final int MOST_EPOCHS = 10_000;
    static final int LEAST_BATCH = 2;
    static final int MOST_BATCH = 65_536;
    static final int LEAST_RESAMPLES = 100;
    static final int MOST_RESAMPLES = 100_000;
    static final double MOST_BETA = 0.9999999;
    private static final int MOST_CHECKPOINTS = 10_000;

    private RequestRules() {}

    /** @throws RequestException naming the key, the value and what is allowed */
    public static void check(ExperimentRequest request) {
        require(request.experimentId().matches(ID), "experiment", request.experimentId(), "allowed: " + ID);
        Architectures.require("model.architecture", request.model().architecture());
        batchNorm(request.selection(), request.model().architecture());
        DataRules.check(request.data());
        DataRules.findings(request.data(), request.selection(), request.training());
        check(request.selection(), request.training(), request.strategies());
        ScriptedArchitecture.of(request.model().architecture()).ifPresent(_ -> scripted(request.training()));
        request.maxGpuSeconds().ifPresent(seconds -> positive("budget.maxGpuSeconds", seconds));
    }

    /** What can be told before the files are known. */
    static void check(Selection selection, Training training, List<Strategy> strategies) {
        selection(selection);
        training(training);
        StrategyRules.check(strategies, training.gridSearch().isPresent());
    }

    static void batchNorm(Selection selection, String architecture) {
        require(
                !selection.reestimateBatchNorm() || Architectures.hasBatchNorm(architecture),
                "selection.reestimateBatchNorm",
                true,
                "allowed with an architecture that has BatchNorm, which " + architecture + " has not");
    }

    /** What cannot be asked of a network whose program is its author's. */
    static void scripted(Training training) {
        Refinements some = training.refinements();
        String allowed = "allowed with architecture: script is ";
        require(
                some.precision() != Refinements.Precision.BF16,
                "training.precision",
                some.precision().wireName(),
                allowed + "fp32 or tf32");
        require(
                some.memoryFormat() == Refinements.MemoryFormat.CONTIGUOUS,
                "training.memoryFormat",
                some.memoryFormat().wireName(),
                allowed + "contiguous");
        double depth = some.regularisation().stochasticDepth();
        require(depth == 0, "training.stochasticDepth", depth, allowed + "0: the script has its own");
        double dropout = some.regularisation().dropout();
        require(dropout == 0, "training.dropout", dropout, allowed + "0: the script has its own");
    }

    private static void selection(Selection selection) {
        require(
                SELECTABLE.contains(selection.metric()),
                "selection.metric",
                selection.metric().wireName(),
                "allowed: "
                        + String.join(
                                ", ", SELECTABLE.stream().map(Metric::wireName).toList()));
        int resamples = selection.bootstrapResamples();
        within("selection.bootstrapResamples", resamples, LEAST_RESAMPLES, MOST_RESAMPLES);
        require(
                selection.bootstrapSeed() >= 0,
                "selection.bootstrapSeed",
                selection.bootstrapSeed(),
                "allowed: 0 or more");
        switch (selection.acceptance()) {
            case Selection.Strict _ -> {}
            case Selection.Margin(double delta) ->
                require(delta >= 0 && delta <= 1, "selection.margin", delta, "allowed: a number from 0 to 1");
            case Selection.PairedBootstrap(double level) -> {
                double leastP = 1.0 / (resamples + 1);
                require(
                        level > leastP && level <= 0.5,
                        "selection.level",
                        level,
                        "allowed: at most 0.5 and above " + leastP + ", the least p that " + resamples
                                + " resamples can show");
            }
        }
    }

    private static void training(Training training) {
        within("training.batchSize", training.batchSize(), LEAST_BATCH, MOST_BATCH);
        Optimizer adamW = training.optimizer();
        share("training.optimizer.weightDecay", adamW.weightDecay(), 1, "allowed: a number from 0 to 1");
        share("training.optimizer.beta1", adamW.beta1(), MOST_BETA, "allowed: a number from 0 to below 1");
        share("training.optimizer.beta2", adamW.beta2(), MOST_BETA, "allowed: a number from 0 to below 1");
        positive("training.optimizer.epsilon", adamW.epsilon());
        RefinementRules.check(training.refinements());
        within("training.linearProbe.epochs", training.linearProbe().epochs(), 1, MOST_EPOCHS);
        positive("training.linearProbe.learningRate", training.linearProbe().learningRate());
        FineTune fineTune = training.fineTune();
        within("training.fineTune.epochs", fineTune.epochs(), 1, MOST_EPOCHS);
        rates("training.fineTune.learningRates", fineTune.learningRates());
        require(fineTune.seed() >= 0, "training.fineTune.seed", fineTune.seed(), "allowed: 0 or more");
        fineTune.earlyStop().ifPresent(stop -> {
            within("training.fineTune.earlyStop.patience", stop.patience(), 1, MOST_EPOCHS);
            share("training.fineTune.earlyStop.minDelta", stop.minDelta(), 1000, "allowed: a number from 0 to 1000");
        });
        fission(training.fission(), fineTune.learningRates());
        training.gridSearch().ifPresent(RequestRules::gridSearch);
        long settings = training.gridSearch()
                .map(grid -> (long) grid.augmentations().size() * grid.seeds().size())
                .orElse(0L);
        long checkpoints =
                fineTune.learningRates().size() * (1 + training.fission().checkpoints() + settings);
        require(
                checkpoints <= MOST_CHECKPOINTS,
                "training",
                checkpoints + " checkpoints",
                "allowed: rates, cycles, augmentations and seeds that plan at most " + MOST_CHECKPOINTS);
    }

    private static void fission(Fission fission, List<Double> baseRates) {
        within("training.fission.cycle", fission.cycle(), 2, MOST_EPOCHS);
        require(
                fission.cycle() % 2 == 0,
                "training.fission.cycle",
                fission.cycle(),
                "allowed: an even number of epochs, 2 or more");
        within("training.fission.epochs", fission.epochs(), 0, MOST_EPOCHS);
        require(
                fission.epochs() == 0 || fission.checkpoints() > 0,
                "training.fission.epochs",
                fission.epochs(),
                "allowed: 0 (no fission) or enough epochs to reach a minimum of the cycle");
        positive("training.fission.maxLearningRate", fission.maxLearningRate());
        positive("training.fission.minLearningRate", fission.minLearningRate());
        require(
                fission.minLearningRate() <= fission.maxLearningRate(),
                "training.fission.minLearningRate",
                fission.minLearningRate(),
                "allowed: at most maxLearningRate (" + fission.maxLearningRate() + ")");
        for (double base : baseRates) {
            positive("training.fission.maxLearningRate, for the rate " + base, fission.maxFor(base));
            positive("training.fission.minLearningRate, for the rate " + base, fission.minFor(base));
        }
    }

    private static void gridSearch(GridSearch grid) {
        distinct("training.gridSearch.augmentations", grid.augmentations());
        distinct("training.gridSearch.seeds", grid.seeds());
        for (int i = 0; i < grid.seeds().size(); i++) {
            long seed = grid.seeds().get(i);
            require(seed >= 0, "training.gridSearch.seeds[" + i + "]", seed, "allowed: 0 or more");
        }
    }

    private static void rates(String key, List<Double> rates) {
        distinct(key, rates);
        for (int i = 0; i < rates.size(); i++) {
            positive(key + "[" + i + "]", rates.get(i));
        }
    }

    static void distinct(String key, List<?> values) {
        require(!values.isEmpty(), key, "[]", "allowed: a list of at least one element");
        Collection<Object> seen = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            require(seen.add(values.get(i)), key + "[" + i + "]", values.get(i), "allowed: each value once");
        }
    }

    static void within(String key, long value, long least, long most) {
        require(value >= least && value <= most, key, value, "allowed: a whole number from " + least + " to " + most);
    }

    static void share(String key, double value, double most, String allowed) {
        require(value >= 0 && value <= most, key, value, allowed);
    }

    static void positive(String key, double value) {
        require(value > 0 && Double.isFinite(value), key, value, "allowed: a finite number above 0");
    }

    static void require(boolean holds, String key, Object value, String allowed) {
        if (!holds) {
            throw new RequestException(key, value, allowed);
        }
    }
}
