package org.fissionfusion.souper;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.request.DataSpec;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.FindingPolicy;
import org.fissionfusion.core.request.Leakage;
import org.fissionfusion.core.request.ModelSpec;
import org.fissionfusion.core.request.Selection;
import org.fissionfusion.core.request.StoppingPart;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.core.request.Strategy;
import org.fissionfusion.events.AcceptanceRule;
import org.fissionfusion.events.BlankFindings;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.FindingsSpec;
import org.fissionfusion.events.LeakagePolicy;
import org.fissionfusion.events.LevelSpec;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.PoolName;
import org.fissionfusion.events.SealedScoring;
import org.fissionfusion.events.SelectionSpec;
import org.fissionfusion.events.SoupMethod;
import org.fissionfusion.events.StrategySpec;
import org.fissionfusion.events.UncertainFindings;

/** Requests as events and as domain records, both ways. */
public final class RequestMapper {
    private RequestMapper() {}

    /** The event that asks for this experiment. */
    public static ExperimentRequested toEvent(ExperimentRequest request) {
        DataSpec data = request.data();
        return new ExperimentRequested(
                request.experimentId(),
                request.digest(),
                new org.fissionfusion.events.ModelSpec(
                        request.model().architecture(), file(request.model().weights())),
                new org.fissionfusion.events.DataSpec(
                        data.splits().stream().map(RequestMapper::split).toList(),
                        data.classNames(),
                        data.imageSize(),
                        data.mean(),
                        data.std(),
                        data.stopping()
                                .map(part -> new org.fissionfusion.events.StoppingPart(part.share(), part.seed()))
                                .orElse(null),
                        findings(data)),
                selection(request.selection()),
                TrainingMapper.toEvent(request.training()),
                LeakagePolicy.valueOf(request.leakage().name()),
                request.strategies().stream().map(RequestMapper::strategy).toList(),
                request.maxGpuSeconds().isPresent() ? request.maxGpuSeconds().getAsDouble() : null);
    }

    private static SelectionSpec selection(Selection selection) {
        AcceptanceRule rule = switch (selection.acceptance()) {
            case Selection.Strict _ -> AcceptanceRule.STRICT;
            case Selection.Margin _ -> AcceptanceRule.MARGIN;
            case Selection.PairedBootstrap _ -> AcceptanceRule.PAIRED_BOOTSTRAP;
        };
        double value = switch (selection.acceptance()) {
            case Selection.Strict _ -> 0;
            case Selection.Margin(double delta) -> delta;
            case Selection.PairedBootstrap(double level) -> level;
        };
        return new SelectionSpec(
                MetricName.valueOf(selection.metric().name()),
                rule,
                value,
                selection.paperRanking(),
                SealedScoring.valueOf(selection.sealedCheckpointScores().name()),
                selection.bootstrapResamples(),
                selection.bootstrapSeed(),
                selection.reestimateBatchNorm());
    }

    /** Null where images are of one class each. */
    static FindingsSpec findings(DataSpec data) {
        return data.findings()
                .map(policy -> new FindingsSpec(
                        UncertainFindings.valueOf(policy.uncertain().name()),
                        BlankFindings.valueOf(policy.blank().name())))
                .orElse(null);
    }

    private static Optional<FindingPolicy> findings(org.fissionfusion.events.DataSpec event) {
        return Optional.ofNullable(event.getFindings())
                .map(spec -> new FindingPolicy(
                        known("data.findings.uncertain", FindingPolicy.Uncertain.class, spec.getUncertain()),
                        known("data.findings.blank", FindingPolicy.Blank.class, spec.getBlank())));
    }

    static org.fissionfusion.events.StoredFile file(StoredFile file) {
        return new org.fissionfusion.events.StoredFile(file.key(), file.sha256(), file.bytes());
    }

    static org.fissionfusion.events.DataSplit split(DataSplit split) {
        return new org.fissionfusion.events.DataSplit(
                split.name(), file(split.file()), split.sealed(), split.sharedClasses());
    }

    private static StrategySpec strategy(Strategy strategy) {
        return new StrategySpec(
                strategy.name(),
                PoolName.valueOf(strategy.pool().name()),
                strategy.levels().stream()
                        .map(level -> new LevelSpec(
                                level.groupBy().stream()
                                        .map(Strategy.GroupKey::wireName)
                                        .toList(),
                                SoupMethod.valueOf(level.method().name())))
                        .toList());
    }

    // ------------------------------------------------------------ from events

    /**
     * The request of an event.
     *
     * @throws IllegalArgumentException when it says something this version does not know, or its digest is not its own
     */
    public static ExperimentRequest fromEvent(ExperimentRequested event) {
        ExperimentRequest request = content(event);
        if (!request.digest().equals(event.getRequestDigest())) {
            throw new IllegalArgumentException("requestDigest " + event.getRequestDigest()
                    + " is not that of the request's content, " + request.digest());
        }
        return request;
    }

    /** The request without a look at its digest. */
    static ExperimentRequest content(ExperimentRequested event) {
        var data = event.getData();
        return new ExperimentRequest(
                event.getExperimentId(),
                new ModelSpec(
                        event.getModel().getArchitecture(),
                        file(event.getModel().getWeights())),
                new DataSpec(
                        data.getSplits().stream().map(RequestMapper::split).toList(),
                        data.getClassNames(),
                        data.getImageSize(),
                        data.getMean(),
                        data.getStd(),
                        Optional.ofNullable(data.getStopping())
                                .map(part -> new StoppingPart(part.getShare(), part.getSeed())),
                        findings(data)),
                selection(event.getSelection()),
                TrainingMapper.fromEvent(event.getTraining()),
                known("leakage", Leakage.class, event.getLeakage()),
                event.getStrategies().stream().map(RequestMapper::strategy).toList(),
                event.getMaxGpuSeconds() == null
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(event.getMaxGpuSeconds()));
    }

    private static Selection selection(SelectionSpec event) {
        Selection.Acceptance acceptance = switch (event.getAcceptance()) {
            case STRICT -> new Selection.Strict();
            case MARGIN -> new Selection.Margin(event.getAcceptanceValue());
            case PAIRED_BOOTSTRAP -> new Selection.PairedBootstrap(event.getAcceptanceValue());
            case UNKNOWN -> throw unknown("selection.acceptance", List.of("STRICT", "MARGIN", "PAIRED_BOOTSTRAP"));
        };
        return new Selection(
                known("selection.metric", Metric.class, event.getMetric()),
                acceptance,
                event.getPaperRanking(),
                known(
                        "selection.sealedCheckpointScores",
                        Selection.SealedScoring.class,
                        event.getSealedCheckpointScores()),
                event.getBootstrapResamples(),
                event.getBootstrapSeed(),
                event.getReestimateBatchNorm());
    }

    static <E extends Enum<E>> E known(String key, Class<E> type, Enum<?> value) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value.name())) {
                return constant;
            }
        }
        throw unknown(key, List.of(type.getEnumConstants()));
    }

    static IllegalArgumentException unknown(String key, List<?> allowed) {
        return new IllegalArgumentException(key + ": is unknown to this version; allowed: " + allowed);
    }

    static StoredFile file(org.fissionfusion.events.StoredFile event) {
        return new StoredFile(event.getKey(), event.getSha256(), event.getBytes());
    }

    private static DataSplit split(org.fissionfusion.events.DataSplit event) {
        return new DataSplit(event.getName(), file(event.getFile()), event.getSealed(), event.getSharedClasses());
    }

    private static Strategy strategy(StrategySpec event) {
        return new Strategy(
                event.getName(),
                known("strategies, pool of " + event.getName(), Strategy.Pool.class, event.getPool()),
                event.getLevels().stream().map(RequestMapper::level).toList());
    }

    private static Strategy.Level level(LevelSpec event) {
        List<Strategy.GroupKey> keys = event.getGroupBy().stream()
                .map(name -> List.of(Strategy.GroupKey.values()).stream()
                        .filter(key -> key.wireName().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("nothing can be grouped by " + name)))
                .toList();
        return new Strategy.Level(keys, known("strategies, method", Strategy.Method.class, event.getMethod()));
    }
}
