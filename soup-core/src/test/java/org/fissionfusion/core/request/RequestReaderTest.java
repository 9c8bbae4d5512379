package org.fissionfusion.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fissionfusion.core.experiment.Cost;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.Strategy.GroupKey;
import org.fissionfusion.core.request.Strategy.Method;
import org.fissionfusion.core.request.Strategy.Pool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private static final String EXAMPLE = """
            {experiment: 'pneumonia-resnet20',
             model: {architecture: 'resnet20', weights: 'weights/resnet20_cifar10.safetensors'},
             data: {inDomain: 'cxr/pneumoniamnist_28.npz', outOfDomain: {nih: 'cxr/nih.npz'}, imageSize: 32},
             selection: {metric: 'macro-f1'},
             training: {batchSize: 128,
               linearProbe: {epochs: 2, learningRate: '1e-3'},
               fineTune: {epochs: 4, learningRates: ['1e-3', '5e-4', 1e-4, 5e-5], augmentation: 'heavy', seed: 1},
               fission: {epochs: 5, cycle: 4, maxLearningRate: 1e-5, minLearningRate: 1e-8},
               gridSearch: {augmentations: ['minimal', 'heavy'], seeds: [0, 1]}},
             leakage: 'allow',
             strategies: ['best', 'uniform', 'greedy', 'GoU', 'GoG']}
            """;
    private static final String SMALLEST = """
            {experiment: 'e', model: {architecture: 'resnet20', weights: 'w'}, data: {inDomain: 'd'}}
            """;

    private static ObjectNode tree(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** The example with one value set, e.g. {@code training.fission.cycle} to {@code 3}. */
    private static JsonNode with(String key, String json) {
        ObjectNode root = tree(EXAMPLE);
        String[] path = key.split("\\.", -1);
        ObjectNode node = root;
        for (int i = 0; i < path.length - 1; i++) {
            node = node.withObject("/" + path[i]);
        }
        node.set(path[path.length - 1], tree("{v: " + json + "}").get("v"));
        return root;
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"{}, CONTIGUOUS", "{precision: 'fp32'}, CONTIGUOUS", "{precision: 'bf16'}, CHANNELS_LAST"})
    void thePrecisionDecidesWhichMemoryFormatIsUsual(String training, Refinements.MemoryFormat usual) throws Exception {
        assertThat(RequestReader.read(with("training", training))
                        .training()
                        .refinements()
                        .memoryFormat())
                .isEqualTo(usual);
    }

    @Test
    void aNamedMemoryFormatStays() throws Exception {
        JsonNode root = with("training", "{precision: 'bf16', memoryFormat: 'contiguous'}");

        assertThat(RequestReader.read(root).training().refinements().memoryFormat())
                .isEqualTo(Refinements.MemoryFormat.CONTIGUOUS);
    }

    @Test
    void readsTheExample() {
        RequestDraft draft = RequestReader.read(tree(EXAMPLE));

        assertThat(draft.experimentId()).isEqualTo("pneumonia-resnet20");
        assertThat(draft.outOfDomain()).isEqualTo(Map.of("nih", OutOfDomain.whole("cxr/nih.npz")));
        assertThat(draft.selection().metric()).isEqualTo(Metric.MACRO_F1);
        assertThat(draft.training().fineTune().learningRates()).containsExactly(1e-3, 5e-4, 1e-4, 5e-5);
        assertThat(draft.training().fission().checkpoints()).isEqualTo(2);
        assertThat(draft.leakage()).isEqualTo(Leakage.ALLOW);
        assertThat(draft.strategies())
                .extracting(Strategy::name)
                .containsExactly("best", "uniform", "greedy", "GoU", "GoG");
        assertThat(draft.strategies().getLast().levels())
                .containsExactly(
                        new Strategy.Level(List.of(GroupKey.LEARNING_RATE), Method.GREEDY),
                        new Strategy.Level(List.of(), Method.GREEDY));
    }

    @Test
    void refusesAnUnknownArchitectureNamingTheKnownOnes() {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(tree(SMALLEST.replace("resnet20", "resnet21"))))
                .withMessageContaining("model.architecture")
                .withMessageContaining("resnet21")
                .withMessageContaining("allowed: resnet20, resnet32, vit-micro, ");
    }

    @Test
    void estimatesBatchNormAnewOnlyWhereThereIsSome() {
        assertThat(RequestReader.read(tree(EXAMPLE)).selection().reestimateBatchNorm())
                .isFalse();
        JsonNode asking = with("selection", "{reestimateBatchNorm: true}");
        assertThat(RequestReader.read(asking).selection().reestimateBatchNorm()).isTrue();

        ((ObjectNode) asking.get("model")).put("architecture", "vit-micro");
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(asking))
                .withMessageContaining("selection.reestimateBatchNorm")
                .withMessageContaining("vit-micro");
    }

    @Test
    void fillsInWhatTheMethodSays() {
        RequestDraft draft = RequestReader.read(tree(SMALLEST));

        Training training = draft.training();
        assertThat(training.linearProbe()).isEqualTo(new LinearProbe(10, 1e-3, Augmentation.MINIMAL, false));
        assertThat(training.fineTune().epochs()).isEqualTo(50);
        assertThat(training.fineTune().augmentation()).isEqualTo(Augmentation.HEAVY);
        assertThat(training.fineTune().earlyStop()).isEmpty();
        assertThat(training.fission()).isEqualTo(new Fission(17, 4, 1e-5, 1e-8, false));
        assertThat(training.optimizer()).isEqualTo(new Optimizer(0.01, 0.9, 0.999, 1e-8, false));
        assertThat(training.gridSearch()).isEmpty();
        assertThat(draft.leakage()).isEqualTo(Leakage.ERROR);
        assertThat(draft.selection().paperRanking()).isFalse();
        assertThat(draft.strategies()).hasSize(5);
    }

    @Test
    void readsAcceptanceByPairedBootstrapAndRefusesALevelNoPCanBeBelow() {
        JsonNode root = with("selection", "{acceptance: 'paired-bootstrap', level: 0.01, bootstrapResamples: 100}");

        assertThat(RequestReader.read(root).selection().acceptance()).isEqualTo(new Selection.PairedBootstrap(0.01));

        ((ObjectNode) root.get("selection")).put("level", 0.009);
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(root))
                .withMessageContaining("selection.level")
                .withMessageContaining("100 resamples");
    }

    @Test
    void thePaperPresetCostsWhatThePaperSays() {
        ObjectNode root = tree(SMALLEST);
        root.put("preset", "paper");

        RequestDraft draft = RequestReader.read(root);

        Training training = draft.training();
        assertThat(Cost.plannedEpochs(training)).isEqualTo(536);
        assertThat(Cost.plannedGridEpochs(training)).isEqualTo(2400);
        assertThat(training.fission().checkpoints()).isEqualTo(5);
        assertThat(training.fineTune().earlyStop()).contains(new EarlyStopping(8, 0.001));
        assertThat(training.gridSearch()).isPresent();
        assertThat(draft.selection().paperRanking()).isTrue();
        // rows and ablations of the paper's tables
        assertThat(draft.strategies())
                .extracting(Strategy::name)
                .containsExactlyInAnyOrder(
                        "gridSearch/best",
                        "gridSearch/uniform",
                        "gridSearch/greedy",
                        "best",
                        "GoU",
                        "GoG",
                        "gridSearch/GoU",
                        "gridSearch/GoG",
                        "uniform",
                        "greedy",
                        "gridSearch/Aug@top");
        assertThat(draft.imageSize()).isEqualTo(224);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "experiment                          | 'Upper'",
                "experiment                          | ''",
                "experiment                          | 'a/b'",
                "experiments                         | 1",
                "preset                              | 'papers'",
                "model.weight                        | 'x'",
                "model.weights                       | {}",
                "data.imageSize                      | 0",
                "data.imageSize                      | 32.5",
                "training.linearProbe.learningRate   | '1e-3d'",
                "selection.sealedCheckpointScores    | 'bestFive'",
                "data.outOfDomain.test               | 'x'",
                "data.outOfDomain.stopping           | 'x'",
                "data.stopping.share                 | 0",
                "data.stopping.share                 | 1",
                "data.stopping.seed                  | 99999999999999999999",
                "data.mean                           | [0.5]",
                "data.std                            | [0, 1, 1]",
                "selection.metric                    | 'f1'",
                "selection.metric                    | 'log-loss'",
                "selection.acceptance                | 'sometimes'",
                "selection.level                     | 0.05",
                "selection.margin                    | 0.05",
                "training.batchSize                  | 0",
                "training.precision                  | 'fp8'",
                "training.memoryFormat               | 'rows'",
                "training.gradientClip               | 0",
                "training.accumulate                 | 0",
                "training.stochasticDepth            | 1",
                "training.dropout                    | -0.1",
                "training.labelSmoothing             | 1",
                "training.classWeighted              | 'often'",
                "training.logitAdjustment            | -1",
                "training.averageDecay               | 1",
                "training.layerDecay                 | 0",
                "training.optimizer.momentum         | 0.9",
                "training.linearProbe.epochs         | 0",
                "training.linearProbe.learningRate   | 0",
                "training.linearProbe.learningRate   | 'NaN'",
                "training.linearProbe.learningRate   | 'Infinity'",
                "training.linearProbe.batchNorm      | 'off'",
                "training.fineTune.epochs            | -1",
                "training.fineTune.epochs            | 'four'",
                "training.fineTune.learningRates     | []",
                "training.fineTune.learningRates     | 1e-3",
                "training.fineTune.augmentation      | 'Heavy'",
                "training.fineTune.earlyStop.minutes | 3",
                "training.fission.cycle              | 3",
                "training.fission.cycle              | 0",
                "training.fission.cycle              | -4",
                "training.fission.maxLearningRate    | -1e-5",
                "training.fission.relative           | 'yes'",
                "training.gridSearch.augmentations   | []",
                "leakage                             | 'ignore'",
                "strategies                          | 'best'",
                "budget.maxGpuSeconds                | 0",
                "budget.euros                        | 5",
            })
    void namesTheKeyOfWhatIsWrong(String key, String value) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(with(key, value)))
                .satisfies(wrong -> {
                    assertThat(wrong.key()).isEqualTo(key);
                    assertThat(wrong).hasMessageContaining("allowed");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "training.fineTune.learningRates   | [1e-3, 0]                      | training.fineTune.learningRates[1]",
                "training.fineTune.learningRates   | [1e-3, 1e-3]                   | training.fineTune.learningRates[1]",
                "training.gridSearch.augmentations | ['minimal', 'strong']          | training.gridSearch.augmentations[1]",
                "training.gridSearch.seeds         | [0, 0]                         | training.gridSearch.seeds[1]",
                "training.fission.maxLearningRate  | 1e-9                           | training.fission.minLearningRate",
                "strategies                        | ['best', 'worst']              | strategies[1]",
                "strategies                        | ['GoG', 'gog']                 | strategies[1]",
                "strategies                        | ['gridSearch/best', {name: 'gridSearch@best', levels: [{method: 'best'}]}] | strategies[1]",
                "strategies                        | [{name: 'x', levels: [{}]}]    | strategies[0].levels[0].method",
                "strategies                        | [{name: 'x', levels: 3}]       | strategies[0].levels",
                "strategies                        | [{name: 'x', size: 3}]         | strategies[0].levels",
                "strategies                        | [{name: ' ', levels: [{}]}]    | strategies[0].name",
            })
    void namesTheElementOfAListThatIsWrong(String key, String value, String named) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(with(key, value)))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo(named));
    }

    @ParameterizedTest
    @ValueSource(strings = {"experiment", "model", "data"})
    void namesTheSectionThatIsMissing(String key) {
        ObjectNode root = tree(EXAMPLE);
        root.remove(key);

        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(root))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo(key))
                .withMessageContaining("missing");
    }

    @Test
    void readsAScriptAndRefusesWhatItsProgramDecides() {
        ObjectNode root = tree(EXAMPLE);
        ObjectNode model = (ObjectNode) root.get("model");
        model.put("script", "net.pt");

        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(root))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo("model.script"));
        model.put("architecture", "script");
        assertThat(RequestReader.read(root).script()).contains("net.pt");
        root.withObject("/training").put("dropout", 0.1);
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(root))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo("training.dropout"));
        model.remove("script");
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(root))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo("model.script"));
    }

    @Test
    void namesAScriptByItsDigest() {
        ScriptedArchitecture script = new ScriptedArchitecture("ab".repeat(32), 17);

        assertThat(ScriptedArchitecture.of(script.name())).contains(script);
        assertThat(script.key()).isEqualTo("scripts/" + "ab".repeat(32) + ".pt");
        assertThat(ScriptedArchitecture.of("resnet20")).isEmpty();
        assertThat(ScriptedArchitecture.of("script:ab:17")).isEmpty();
    }

    @Test
    void refusesAGridStrategyWithoutAGrid() {
        ObjectNode root = tree(EXAMPLE);
        ((ObjectNode) root.get("training")).remove("gridSearch");
        root.withArray("/strategies").add("gridSearch/greedy");

        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(root))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo("strategies[5]"))
                .withMessageContaining("gridSearch");
    }

    @Test
    void readsFreeTreesAndNamesInAnyCase() {
        String strategies = """
                ['gridsearch/GREEDY', 'GOU',
                 {name: 'three', pool: 'gridSearch', levels: [
                   {groupBy: ['learningRate', 'augmentation'], method: 'uniform'},
                   {groupBy: ['learningRate'], method: 'greedy'},
                   {method: 'best'}]}]
                """;

        List<Strategy> read = RequestReader.read(with("strategies", strategies)).strategies();

        assertThat(read).extracting(Strategy::name).containsExactly("gridSearch/greedy", "GoU", "three");
        assertThat(read).extracting(Strategy::pool).containsExactly(Pool.GRID_SEARCH, Pool.FISSION, Pool.GRID_SEARCH);
        assertThat(read.getLast().levels())
                .extracting(Strategy.Level::method)
                .containsExactly(Method.UNIFORM, Method.GREEDY, Method.BEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{method: 'greedy', groupBy: ['learningRate']}]",
                "[{method: 'greedy', groupBy: ['learningRate']}, {method: 'greedy', groupBy: ['seed']}, {method: 'best'}]",
                "[{method: 'greedy'}, {method: 'greedy'}]",
                "[{method: 'greedy', groupBy: ['seed']}, {method: 'greedy', groupBy: ['seed']}, {method: 'best'}]"
            })
    void refusesLevelsThatMakeNoTree(String levels) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(with("strategies", "[{name: 't', levels: " + levels + "}]")))
                .satisfies(wrong -> assertThat(wrong.key()).endsWith("groupBy"));
    }

    @Test
    void readsOutOfDomainSetsOfOtherClassesAndDividedValidation() {
        JsonNode root = with(
                "data.outOfDomain",
                "{messidor: {path: 'm.npz', labels: {'R0': 'no', 'R1': 'mild', 'other': 'ignore'}, sample: 0.1}}");
        ((ObjectNode) root.get("data")).putObject("stopping").put("share", 0.4).put("seed", 3);

        RequestDraft draft = RequestReader.read(root);

        assertThat(draft.outOfDomain())
                .isEqualTo(Map.of(
                        "messidor",
                        new OutOfDomain("m.npz", Map.of("R0", "no", "R1", "mild", "other", "ignore"), 0.1, 0)));
        assertThat(draft.stopping()).contains(new StoppingPart(0.4, 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{labels: {a: 'b'}}             | path",
                "{path: 'm', labels: {}}        | labels",
                "{path: 'm', labels: ['a']}     | labels",
                "{path: 'm', labels: {a: ['b']}}| labels.a",
                "{path: 'm', sample: 0}         | sample",
                "{path: 'm', sample: 1.5}       | sample",
                "{path: 'm', share: 0.5}        | share",
            })
    void namesWhatIsWrongInAnOutOfDomainSet(String value, String key) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(with("data.outOfDomain.far", value)))
                .satisfies(wrong -> assertThat(wrong.key()).isEqualTo("data.outOfDomain.far." + key));
    }

    @Test
    void readsWhichCheckpointsAreScoredOnSealedSplits() {
        for (Selection.SealedScoring which : Selection.SealedScoring.values()) {
            JsonNode request = with("selection.sealedCheckpointScores", "'" + which.wireName() + "'");

            assertThat(RequestReader.read(request).selection().sealedCheckpointScores())
                    .isEqualTo(which);
        }
        assertThat(Selection.SealedScoring.BEST_FIVE.wireName()).isEqualTo("best-five");
    }

    @Test
    void repeatsRunEverythingAgainFromTheirOwnSeeds() {
        RequestDraft draft = RequestReader.read(with("repeats", "[5, 7]"));

        List<RequestDraft> repeats = draft.experiments();

        assertThat(repeats)
                .extracting(RequestDraft::experimentId)
                .containsExactly("pneumonia-resnet20-repeat-5", "pneumonia-resnet20-repeat-7");
        assertThat(repeats.getFirst().training().fineTune().seed()).isEqualTo(5);
        // 1 was fine-tuning's seed too, so that the shared setting is still trained once
        assertThat(repeats.getFirst().training().gridSearch().orElseThrow().seeds())
                .containsExactly(6_000_000L, 5L);
        assertThat(repeats.getLast().training().gridSearch().orElseThrow().seeds())
                .containsExactly(8_000_000L, 7L);
        assertThat(RequestReader.read(tree(EXAMPLE)).experiments()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[1]", "[1, 1]", "[-1, 2]", "[1, 1000000]", "3", "['a', 'b']", "[]"})
    void refusesRepeatsThatAreNoSeedsOrTooFew(String value) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> RequestReader.read(with("repeats", value)))
                .satisfies(wrong -> assertThat(wrong.key()).startsWith("repeats"));
    }

    @Test
    void labelsValidationScoresOfWhatTheSetHadAPartIn() {
        ObjectNode root = tree(EXAMPLE);
        StoredFile weights = new StoredFile("w/a", "a".repeat(64), 5);
        ExperimentRequest whole = resolved(root, weights);
        ((ObjectNode) root.get("data")).putObject("stopping");
        ExperimentRequest divided = resolved(root, weights);
        Set<String> local = Set.of("learningRate");

        assertThat(whole.validationLabel("uniform", Set.of())).contains("optimistic: selected on this set");
        assertThat(divided.validationLabel("uniform", Set.of())).isEmpty();
        assertThat(divided.validationLabel("best", Set.of())).isPresent();
        assertThat(divided.validationLabel("GoU", Set.of())).isPresent();
        assertThat(divided.validationLabel("GoU", local)).isEmpty();
        assertThat(divided.validationLabel("GoG", local)).isPresent();
    }

    @Test
    void scalesRelativeFissionRatesByTheGroupsRate() {
        Fission fission = RequestReader.read(
                        with("training.fission", "{maxLearningRate: 0.1, minLearningRate: 0.0001, relative: true}"))
                .training()
                .fission();

        assertThat(fission.maxFor(1e-3)).isEqualTo(1e-4);
        assertThat(fission.minFor(1e-3)).isCloseTo(1e-7, within(1e-20));
    }

    private static ExperimentRequest resolved(JsonNode tree, StoredFile weights) {
        StoredFile file = new StoredFile("data/d", "d".repeat(64), 9);
        return RequestReader.read(tree)
                .resolve(new ResolvedFiles(
                        weights,
                        List.of(new DataSplit("train", file, false), new DataSplit("validation", file, false)),
                        List.of("a", "b"),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.2, 0.2, 0.2)));
    }

    @Test
    void theDigestIsOfTheContentWithDefaultsFilledIn() {
        StoredFile weights = new StoredFile("w/a", "a".repeat(64), 5);
        String digest = resolved(tree(SMALLEST), weights).digest();
        ObjectNode spelledOut = tree(SMALLEST);
        spelledOut.put("leakage", "error").withObject("/training").put("batchSize", 128);

        assertThat(digest).matches("[0-9a-f]{64}");
        assertThat(resolved(spelledOut, weights).digest()).isEqualTo(digest);
        assertThat(resolved(tree(SMALLEST), new StoredFile("w/b", "b".repeat(64), 5))
                        .digest())
                .isNotEqualTo(digest);
        spelledOut.withObject("/training").put("batchSize", 64);
        assertThat(resolved(spelledOut, weights).digest()).isNotEqualTo(digest);
    }

    @Test
    void theMeanOfTheRequestWinsOverTheFiles() {
        StoredFile weights = new StoredFile("w/a", "a".repeat(64), 5);

        assertThat(resolved(with("data.mean", "[0.1, 0.2, 0.3]"), weights)
                        .data()
                        .mean())
                .containsExactly(0.1, 0.2, 0.3);
        assertThat(RequestReader.read(tree(EXAMPLE)).mean()).isEqualTo(Optional.empty());
    }
}
