package org.fissionfusion.vision.training;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;

/** Groups of tensors in one file, told apart by a prefix of their names. */
final class NamedTensors {
    private NamedTensors() {}

    static List<TensorSource> prefixed(String prefix, List<Tensor> tensors) {
        return tensors.stream()
                .map(t -> new Tensor(renamed(t.spec(), prefix + t.spec().name()), t.bytes()).asSource())
                .toList();
    }

    /** Copies the tensors whose names begin with the prefix, without it. */
    static List<Tensor> read(SafetensorsFile file, String prefix) throws IOException {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : file.tensors()) {
            if (spec.name().startsWith(prefix)) {
                var copy = Arena.ofAuto().allocate(spec.byteSize(), Long.BYTES).copyFrom(file.bytes(spec.name()));
                tensors.add(new Tensor(renamed(spec, spec.name().substring(prefix.length())), copy));
            }
        }
        return tensors;
    }

    private static TensorSpec renamed(TensorSpec spec, String name) {
        return new TensorSpec(name, spec.dtype(), spec.shape());
    }
}
