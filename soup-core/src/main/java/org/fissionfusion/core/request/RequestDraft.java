package org.fissionfusion.core.request;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A request as its author wrote it: values checked, files still named by path.
 *
 * @param script path of the program, where the architecture is one
 */
public record RequestDraft(
        String experimentId,
        String architecture,
        Optional<String> script,
        String weights,
        String inDomain,
        Map<String, OutOfDomain> outOfDomain,
        Optional<StoppingPart> stopping,
        Optional<FindingPolicy> findings,
        int imageSize,
        Optional<List<Double>> mean,
        Optional<List<Double>> std,
        Selection selection,
        Training training,
        Leakage leakage,
        List<Strategy> strategies,
        OptionalDouble maxGpuSeconds,
        List<Long> repeats) {
    public RequestDraft {
        repeats = List.copyOf(repeats);
    }

    /**
     * The files behind the draft's paths, prepared and in the store.
     *
     * @param multilabel true where images may show several of the classes, which are findings then
     */
    public record ResolvedFiles(
            Optional<ScriptedArchitecture> script,
            StoredFile weights,
            List<DataSplit> splits,
            List<String> classNames,
            List<Double> mean,
            List<Double> std,
            boolean multilabel) {
        /** Those of an architecture that has a name, and of images of one class each. */
        public ResolvedFiles(
                StoredFile weights,
                List<DataSplit> splits,
                List<String> classNames,
                List<Double> mean,
                List<Double> std) {
            this(Optional.empty(), weights, splits, classNames, mean, std, false);
        }
    }

    /** The experiments to run: this one, or one for each seed of {@code repeats} and nothing else. */
    public List<RequestDraft> experiments() {
        return repeats.isEmpty()
                ? List.of(this)
                : repeats.stream().map(this::repeat).toList();
    }

    private RequestDraft repeat(long seed) {
        return new RequestDraft(
                experimentId + "-repeat-" + seed,
                architecture,
                script,
                weights,
                inDomain,
                outOfDomain,
                stopping,
                findings,
                imageSize,
                mean,
                std,
                selection,
                training.reseeded(seed),
                leakage,
                strategies,
                maxGpuSeconds,
                List.of());
    }

    /** The request with files named by digest. */
    public ExperimentRequest resolve(ResolvedFiles files) {
        RequestRules.require(
                files.multilabel() || findings.isEmpty(),
                "data.findings",
                findings,
                "allowed with multilabel sets, whose images may show several findings");
        ExperimentRequest request = new ExperimentRequest(
                experimentId,
                new ModelSpec(files.script().map(ScriptedArchitecture::name).orElse(architecture), files.weights()),
                new DataSpec(
                        files.splits(),
                        files.classNames(),
                        imageSize,
                        mean.orElse(files.mean()),
                        std.orElse(files.std()),
                        stopping,
                        files.multilabel() ? Optional.of(findings.orElse(FindingPolicy.PAPER)) : Optional.empty()),
                selection,
                training,
                leakage,
                strategies,
                maxGpuSeconds);
        DataRules.findings(request.data(), request.selection(), request.training());
        return request;
    }
}
