package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.core.request.ScriptedArchitecture;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every option of a request, from its YAML to the request, to the bytes of its event, and back to the same request. */
class RoundTripTest {
    /** Keys of docs/request.md with a value that is not the default. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("preset", "paper"),
            Map.entry("model", "{architecture: script, script: net.pt, weights: w}"),
            Map.entry("data.stopping.share", "0.25"),
            Map.entry("data.stopping", "{share: 0.5, seed: 3}"),
            Map.entry("data.imageSize", "64"),
            Map.entry("data.mean", "[0.4, 0.5, 0.6]"),
            Map.entry("data.std", "[0.1, 0.2, 0.3]"),
            Map.entry("selection.metric", "quadratic-kappa"),
            Map.entry("selection.acceptance", "paired-bootstrap"),
            Map.entry("selection", "{acceptance: margin, margin: 0.01}"),
            Map.entry("selection.ranking", "paper"),
            Map.entry("selection.sealedCheckpointScores", "best-five"),
            Map.entry("selection.bootstrapResamples", "500"),
            Map.entry("selection.bootstrapSeed", "7"),
            Map.entry("selection.reestimateBatchNorm", "true"),
            Map.entry("training.batchSize", "16"),
            Map.entry("training.precision", "bf16"),
            Map.entry("training.memoryFormat", "channels-last"),
            Map.entry("training.gradientClip", "0.5"),
            Map.entry("training.accumulate", "4"),
            Map.entry("training.stochasticDepth", "0.1"),
            Map.entry("training.dropout", "0.2"),
            Map.entry("training.labelSmoothing", "0.05"),
            Map.entry("training.classWeighted", "true"),
            Map.entry("training.balancedSampler", "true"),
            Map.entry("training.logitAdjustment", "1"),
            Map.entry("training.averageDecay", "0.99"),
            Map.entry("training.layerDecay", "0.8"),
            Map.entry("training.optimizer.weightDecay", "0.02"),
            Map.entry("training.optimizer.beta1", "0.8"),
            Map.entry("training.optimizer.beta2", "0.99"),
            Map.entry("training.optimizer.epsilon", "1e-6"),
            Map.entry("training.optimizer.spareNormsAndBiases", "true"),
            Map.entry("training.linearProbe.learningRate", "2e-3"),
            Map.entry("training.linearProbe.augmentation", "none"),
            Map.entry("training.linearProbe.batchNorm", "frozen"),
            Map.entry("training.fineTune.epochs", "9"),
            Map.entry("training.fineTune.learningRates", "[1e-3, 3e-4]"),
            Map.entry("training.fineTune.augmentation", "medium"),
            Map.entry("training.fineTune.seed", "5"),
            Map.entry("training.fineTune.earlyStop", "{patience: 2, minDelta: 0.1}"),
            Map.entry("training.fission.epochs", "5"),
            Map.entry("training.fission.cycle", "6"),
            Map.entry("training.fission.maxLearningRate", "1e-4"),
            Map.entry("training.fission.minLearningRate", "1e-7"),
            Map.entry("training.fission.relative", "true"),
            Map.entry("training.gridSearch", "{augmentations: [minimal, heavy], seeds: [4]}"),
            Map.entry("leakage", "drop"),
            Map.entry("strategies", "[{name: mine, levels: [{groupBy: [stage], method: uniform}, {method: best}]}]"),
            Map.entry("budget.maxGpuSeconds", "60.5"));

    /** Keys of multilabel sets. */
    private static final Map<String, String> OF_FINDINGS = Map.of(
            "data.findings.uncertain", "ones",
            "data.findings.blank", "zeros",
            "data.findings", "{uncertain: zeros}",
            "selection.metric", "frequent-auroc");

    private static ExperimentRequest request(boolean multilabel, Map<String, String> settings) throws RunRefused {
        ObjectNode tree = RequestYaml.parse("r.yaml", """
                experiment: r
                model: {architecture: resnet20, weights: w}
                data: {inDomain: d, imageSize: 32}
                """);
        if (multilabel) {
            RequestYaml.override(tree, Map.of("selection.metric", "auroc"));
        }
        RequestYaml.override(tree, settings);
        boolean divided = tree.at("/data/stopping").isObject();
        List<DataSplit> splits = Stream.of("train", "stopping", "validation", "test")
                .filter(name -> divided || !name.equals("stopping"))
                .map(name -> new DataSplit(name, Requests.file(name), name.equals("test")))
                .toList();
        RequestDraft draft = RequestReader.read(tree);
        return draft.resolve(new ResolvedFiles(
                draft.script().map(_ -> new ScriptedArchitecture("ab".repeat(32), 17)),
                Requests.file("weights"),
                splits,
                List.of("a", "b"),
                List.of(0.5, 0.5, 0.5),
                List.of(0.2, 0.2, 0.2),
                multilabel));
    }

    private static ExperimentRequest throughBytes(ExperimentRequest request) {
        Serde<ExperimentCommand> format = SerdeFactory.bundled().valuesOf(Topics.EXPERIMENT_COMMANDS);
        ExperimentCommand command = new ExperimentCommand(request.experimentId(), RequestMapper.toEvent(request));
        byte[] bytes = format.serializer().serialize(Topics.EXPERIMENT_COMMANDS.name(), command);
        ExperimentCommand read = format.deserializer().deserialize(Topics.EXPERIMENT_COMMANDS.name(), bytes);
        return RequestMapper.fromEvent((ExperimentRequested) read.getCommand());
    }

    private static DynamicTest comesBack(boolean multilabel, String key, String value) {
        return DynamicTest.dynamicTest(key + ": " + value, () -> {
            ExperimentRequest usual = request(multilabel, Map.of());
            ExperimentRequest request = request(multilabel, Map.of(key, value));

            assertThat(request).isNotEqualTo(usual);
            assertThat(request.digest()).isNotEqualTo(usual.digest());
            assertThat(throughBytes(request)).isEqualTo(request);
        });
    }

    @TestFactory
    Stream<DynamicTest> everyOptionComesBackAndChangesTheIdentity() {
        return Stream.concat(
                OPTIONS.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(it -> comesBack(false, it.getKey(), it.getValue())),
                OF_FINDINGS.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(it -> comesBack(true, it.getKey(), it.getValue())));
    }

    @Test
    void theUsualRequestsComeBack() throws Exception {
        Set<String> digests = new HashSet<>();
        for (boolean multilabel : List.of(false, true)) {
            ExperimentRequest request = request(multilabel, Map.of());
            assertThat(throughBytes(request)).isEqualTo(request);
            assertThat(request.data().findings().isPresent()).isEqualTo(multilabel);
            digests.add(request.digest());
        }
        assertThat(digests).hasSize(2);
    }
}
