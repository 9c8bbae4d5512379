package org.fissionfusion.core.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The unweighted mean of weight files: float64 sum in ranking order, one division, one rounding. */
public final class MeanOfWeights {

    private MeanOfWeights() {}

    /**
     * Streams the mean of files into a new file; memory does not grow with their number or size.
     *
     * @param ranked ingredients in ranking order; integer tensors are taken from the first
     * @param divisor what the sum is divided by, at least 1
     * @return the weights digest of what was written
     * @throws WeightsException naming the tensor and both layouts when the files differ in names, types or shapes
     */
    public static String blend(List<Path> ranked, int divisor, Path target, Map<String, String> metadata)
            throws IOException {
        throw new UnsupportedOperationException(target.toString());
    }

    /** Name of the first tensor (file order) that holds a NaN or an infinity. */
    public static Optional<String> firstNonFinite(SafetensorsFile file) {
        throw new UnsupportedOperationException(file.toString());
    }
}
