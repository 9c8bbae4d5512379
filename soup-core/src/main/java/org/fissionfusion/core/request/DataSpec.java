package org.fissionfusion.core.request;

import java.util.List;
import java.util.Optional;

/**
 * The data of an experiment; {@code mean} and {@code std} are per channel of inputs scaled to 0..1.
 *
 * @param stopping how the split "stopping" was taken out of validation, if it was
 * @param findings what is made of undecided findings, where images may show several; empty where each is of one class
 */
public record DataSpec(
        List<DataSplit> splits,
        List<String> classNames,
        int imageSize,
        List<Double> mean,
        List<Double> std,
        Optional<StoppingPart> stopping,
        Optional<FindingPolicy> findings) {
    public DataSpec {
        splits = List.copyOf(splits);
        classNames = List.copyOf(classNames);
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** The split of this name. */
    public DataSplit split(String name) {
        return splits.stream()
                .filter(split -> split.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no split named " + name));
    }

    /** What training chooses epochs by: the part of validation kept for that, or all of it. */
    public DataSplit stoppingSplit() {
        return split(stopping.isPresent() ? "stopping" : "validation");
    }

    /** Test and out-of-domain splits, in the request's order. */
    public List<DataSplit> sealedSplits() {
        return splits.stream().filter(DataSplit::sealed).toList();
    }
}
