package org.fissionfusion.core.request;

import static org.fissionfusion.core.request.RequestRules.require;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.fissionfusion.core.metric.Metric;

/** What must be true of the data of a request. */
final class DataRules {
    static final int LEAST_SIZE = 8;
    static final int MOST_SIZE = 1024;
    /** Names that out-of-domain sets cannot have. */
    static final List<String> RESERVED = List.of("train", "stopping", "validation", "test");

    private static final Set<Metric> OF_FINDINGS = Set.of(Metric.COMPETITION_AUROC, Metric.FREQUENT_AUROC);
    private static final Set<String> OPEN = Set.of("train", "stopping", "validation");

    private DataRules() {}

    static void check(DataSpec data) {
        RequestRules.within("data.imageSize", data.imageSize(), LEAST_SIZE, MOST_SIZE);
        channels("data.mean", data.mean(), 0);
        channels("data.std", data.std(), Double.MIN_VALUE);
        require(data.classNames().size() >= 2, "data.classNames", data.classNames(), "allowed: two classes or more");
        RequestRules.distinct("data.classNames", data.classNames());
        data.stopping().ifPresent(DataRules::stopping);
        List<String> names = data.splits().stream().map(DataSplit::name).toList();
        for (String needed : data.stopping().isPresent()
                ? List.of("train", "stopping", "validation")
                : List.of("train", "validation")) {
            require(names.contains(needed), "data.splits", names, "required: a " + needed + " split");
        }
        require(
                data.stopping().isPresent() || !names.contains("stopping"),
                "data.splits",
                names,
                "allowed with data.stopping: a stopping split");
        RequestRules.distinct("data.splits", names);
        data.splits().forEach(split -> split(split, data.classNames().size()));
    }

    static void stopping(StoppingPart part) {
        require(
                part.share() > 0 && part.share() < 1,
                "data.stopping.share",
                part.share(),
                "allowed: a number above 0 and below 1");
        require(part.seed() >= 0, "data.stopping.seed", part.seed(), "allowed: 0 or more");
    }

    /** What only findings, and what only classes allow. */
    static void findings(DataSpec data, Selection selection, Training training) {
        String metric = selection.metric().wireName();
        if (data.findings().isEmpty()) {
            require(
                    !OF_FINDINGS.contains(selection.metric()),
                    "selection.metric",
                    metric,
                    "allowed with multilabel sets; data.splits have one class per image");
            return;
        }
        require(
                selection.metric() == Metric.AUROC || OF_FINDINGS.contains(selection.metric()),
                "selection.metric",
                metric,
                "allowed with multilabel sets: auroc, competition-auroc, frequent-auroc");
        require(
                training.refinements().balance().equals(Refinements.PAPER.balance())
                        && training.refinements().regularisation().labelSmoothing() == 0,
                "training",
                "classWeighted, balancedSampler, logitAdjustment, labelSmoothing",
                "allowed with multilabel sets: none of them, for findings have weights of their own");
        for (DataSplit split : data.splits()) {
            require(
                    split.sharedClasses().isEmpty(),
                    "data.splits, sharedClasses of " + split.name(),
                    split.sharedClasses(),
                    "allowed with multilabel sets: none");
        }
    }

    private static void split(DataSplit split, int classes) {
        require(split.name().matches(RequestRules.ID), "data.splits", split.name(), "allowed: " + RequestRules.ID);
        boolean open = OPEN.contains(split.name());
        require(
                open != split.sealed(),
                "data.splits, sealed of " + split.name(),
                split.sealed(),
                "allowed: " + OPEN + " open, all others sealed");
        List<Integer> shared = split.sharedClasses();
        boolean usable = shared.isEmpty()
                || (!RESERVED.contains(split.name())
                        && shared.size() >= 2
                        && new HashSet<>(shared).size() == shared.size()
                        && shared.stream().allMatch(label -> label >= 0 && label < classes));
        require(
                usable,
                "data.splits, sharedClasses of " + split.name(),
                shared,
                "allowed: none, or two or more of the labels 0 to " + (classes - 1) + " of an out-of-domain set");
    }

    private static void channels(String key, List<Double> values, double least) {
        boolean usable = values.size() == 3 && values.stream().allMatch(value -> value >= least && value <= 1);
        require(usable, key, values, "allowed: three numbers of pixels scaled to 0..1");
    }
}
