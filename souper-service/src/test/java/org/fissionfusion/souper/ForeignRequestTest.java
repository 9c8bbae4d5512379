package org.fissionfusion.souper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.events.AcceptanceRule;
import org.fissionfusion.events.Augmentation;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.LeakagePolicy;
import org.fissionfusion.events.LevelSpec;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.Precision;
import org.fissionfusion.events.SoupMethod;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of producers that never went through the reader of request files. */
class ForeignRequestTest {
    @TempDir
    Path state;

    private static Arguments wrong(String reason, Consumer<ExperimentRequested> change) {
        return Arguments.of(reason, change);
    }

    private static LevelSpec level(SoupMethod method, String... groupBy) {
        return new LevelSpec(List.of(groupBy), method);
    }

    static Stream<Arguments> wrongRequests() {
        return Stream.of(
                wrong(
                        "training.fission.cycle: '0'",
                        r -> r.getTraining().getFission().put("cycle", 0)),
                wrong(
                        "training.fission.cycle: '3'",
                        r -> r.getTraining().getFission().put("cycle", 3)),
                wrong(
                        "training.fission.epochs: '-5'",
                        r -> r.getTraining().getFission().put("epochs", -5)),
                wrong(
                        "minLearningRate: '1.0'",
                        r -> r.getTraining().getFission().put("minLearningRate", 1.0)),
                wrong("learningRates: '[]'", r -> r.getTraining().getFineTune().put("learningRates", List.of())),
                wrong(
                        "learningRates[1]: 'NaN'",
                        r -> r.getTraining().getFineTune().put("learningRates", List.of(1e-3, Double.NaN))),
                wrong(
                        "learningRates[1]: '0.001'",
                        r -> r.getTraining().getFineTune().put("learningRates", List.of(1e-3, 1e-3))),
                wrong(
                        "fineTune.epochs: '2147483647'",
                        r -> r.getTraining().getFineTune().put("epochs", Integer.MAX_VALUE)),
                wrong("fineTune.seed: '-1'", r -> r.getTraining().getFineTune().put("seed", -1L)),
                wrong("batchSize: '0'", r -> r.getTraining().put("batchSize", 0)),
                wrong("training.precision", r -> r.getTraining().put("precision", Precision.UNKNOWN)),
                wrong("training.dropout", r -> r.getTraining().getRefinements().put("dropout", 1.0)),
                wrong(
                        "training.accumulate",
                        r -> r.getTraining().getRefinements().put("accumulate", 0)),
                wrong(
                        "training.layerDecay",
                        r -> r.getTraining().getRefinements().put("layerDecay", Double.NaN)),
                wrong("weightDecay: 'NaN'", r -> r.getTraining().getOptimizer().put("weightDecay", Double.NaN)),
                wrong(
                        "augmentation: is unknown",
                        r -> r.getTraining().getFineTune().put("augmentation", Augmentation.UNKNOWN)),
                wrong("selection.metric: is unknown", r -> r.getSelection().put("metric", MetricName.UNKNOWN)),
                wrong(
                        "selection.acceptance: is unknown",
                        r -> r.getSelection().put("acceptance", AcceptanceRule.UNKNOWN)),
                wrong(
                        "selection.level: '0.0'",
                        r -> r.getSelection().put("acceptance", AcceptanceRule.PAIRED_BOOTSTRAP)),
                wrong("bootstrapResamples: '-1'", r -> r.getSelection().put("bootstrapResamples", -1)),
                wrong("leakage: is unknown", r -> r.put("leakage", LeakagePolicy.UNKNOWN)),
                wrong("maxGpuSeconds: '-1.0'", r -> r.put("maxGpuSeconds", -1.0)),
                wrong("data.std: '[0.0, 1.0, 1.0]'", r -> r.getData().put("std", List.of(0.0, 1.0, 1.0))),
                wrong("data.classNames: '[a]'", r -> r.getData().put("classNames", List.of("a"))),
                wrong(
                        "required: a validation split",
                        r -> r.getData()
                                .put("splits", List.of(r.getData().getSplits().getFirst()))),
                wrong(
                        "sealed of test: 'false'",
                        r -> r.getData().getSplits().getLast().put("sealed", false)),
                wrong(
                        "each value once",
                        r -> r.getData().put("splits", twice(r.getData().getSplits()))),
                wrong("strategies: '0 strategies'", r -> r.put("strategies", List.of())),
                wrong("levels: '[]'", r -> r.getStrategies().getFirst().put("levels", List.of())),
                wrong(
                        "levels[1].groupBy",
                        r -> r.getStrategies()
                                .getFirst()
                                .put(
                                        "levels",
                                        List.of(
                                                level(SoupMethod.GREEDY, "seed"),
                                                level(SoupMethod.GREEDY, "seed"),
                                                level(SoupMethod.GREEDY)))),
                wrong(
                        "nothing can be grouped by colour",
                        r -> r.getStrategies()
                                .getFirst()
                                .put("levels", List.of(level(SoupMethod.GREEDY, "colour"), level(SoupMethod.GREEDY)))),
                wrong("requestDigest", r -> r.put("requestDigest", "0")));
    }

    private static List<DataSplit> twice(List<DataSplit> splits) {
        List<DataSplit> all = new ArrayList<>(splits);
        all.addAll(splits);
        return all;
    }

    private static ExperimentRequested foreign() {
        return RequestMapper.toEvent(SouperTopologyTest.request("exp-1", "GoG"));
    }

    private static void sign(ExperimentRequested request) {
        try {
            request.put("requestDigest", RequestMapper.content(request).digest());
        } catch (IllegalArgumentException e) {
            // says something no version knows: there is no digest to be right
        }
    }

    @ParameterizedTest
    @MethodSource("wrongRequests")
    void endInARefusalThatSaysWhyAndLeaveNothingToDo(String reason, Consumer<ExperimentRequested> change) {
        try (var souper = new SouperTopologyTest.Driven(state)) {
            // Given
            ExperimentRequested request = foreign();
            String before = request.getRequestDigest();
            change.accept(request);
            if (request.getRequestDigest().equals(before)) {
                sign(request);
            }

            // When
            souper.command("exp-1", request);

            // Then
            ExperimentStatus status = souper.read(Topics.EXPERIMENT_STATUS).getLast();
            assertThat(status.getPhase()).isEqualTo("REFUSED");
            assertThat(status.getReason()).contains(reason);
            assertThat(souper.read(Topics.TRAINING_TASKS)).isEmpty();
            assertThat(souper.read(Topics.EVALUATION_TASKS)).isEmpty();

            // and the others go on
            souper.request(SouperTopologyTest.request("exp-2", "best"));
            souper.workUntilIdle();
            assertThat(souper.planned("exp-2").head().phase()).isEqualTo(Phase.COMPLETED);
        }
    }

    @Test
    void anUnreadableRequestLeavesTheStatusOfARunningExperimentAlone() {
        try (var souper = new SouperTopologyTest.Driven(state)) {
            souper.request(SouperTopologyTest.request("exp-1", "best"));
            souper.read(Topics.EXPERIMENT_STATUS);
            ExperimentRequested other = foreign();
            other.put("requestDigest", "0");

            souper.command("exp-1", other);

            assertThat(souper.read(Topics.EXPERIMENT_STATUS)).isEmpty();
            assertThat(souper.read(Topics.DEAD_LETTERS)).hasSize(1);
        }
    }

    @Test
    void anIdThatCouldReachIntoAnotherExperimentsRowsIsRefused() {
        try (var souper = new SouperTopologyTest.Driven(state)) {
            souper.request(SouperTopologyTest.request("exp-1", "best"));
            ExperimentRequested request = foreign();
            request.put("experimentId", "exp-1|x");
            sign(request);

            souper.command("exp-1|x", request);

            assertThat(souper.read(Topics.DEAD_LETTERS)).hasSize(1);
            souper.workUntilIdle();
            assertThat(souper.planned("exp-1").head().phase()).isEqualTo(Phase.COMPLETED);
        }
    }
}
