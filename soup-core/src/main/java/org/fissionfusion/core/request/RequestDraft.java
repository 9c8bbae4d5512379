package org.fissionfusion.core.request;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A request as its author wrote it: values checked, files still named by path. */
public record RequestDraft(
        String experimentId,
        String architecture,
        String weights,
        String inDomain,
        Map<String, OutOfDomain> outOfDomain,
        Optional<StoppingPart> stopping,
        int imageSize,
        Optional<List<Double>> mean,
        Optional<List<Double>> std,
        Selection selection,
        Training training,
        Leakage leakage,
        List<Strategy> strategies,
        OptionalDouble maxGpuSeconds) {

    /** The files behind the draft's paths, prepared and in the store. */
    public record ResolvedFiles(
            StoredFile weights, List<DataSplit> splits, List<String> classNames, List<Double> mean, List<Double> std) {}

    /** The request with files named by digest. */
    public ExperimentRequest resolve(ResolvedFiles files) {
        return new ExperimentRequest(
                experimentId,
                new ModelSpec(architecture, files.weights()),
                new DataSpec(
                        files.splits(),
                        files.classNames(),
                        imageSize,
                        mean.orElse(files.mean()),
                        std.orElse(files.std()),
                        stopping),
                selection,
                training,
                leakage,
                strategies,
                maxGpuSeconds);
    }
}
