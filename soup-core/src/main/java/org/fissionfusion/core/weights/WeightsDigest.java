package org.fissionfusion.core.weights;

import java.util.Collection;

/** Digest of the tensors alone: independent of file order, metadata and file name. */
public final class WeightsDigest {

    private WeightsDigest() {}

    /** Lower-case hex SHA-256 of the tensors of a file. */
    public static String of(SafetensorsFile file) {
        throw new UnsupportedOperationException(file.toString());
    }

    /** Lower-case hex SHA-256 of tensors in memory, in any order. */
    public static String of(Collection<Tensor> tensors) {
        throw new UnsupportedOperationException(tensors.toString());
    }
}
