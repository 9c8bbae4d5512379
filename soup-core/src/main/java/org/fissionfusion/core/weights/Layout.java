package org.fissionfusion.core.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The names, types and shapes that all ingredients of a soup share. */
record Layout(String source, Map<String, TensorSpec> tensors) {

    static Layout of(SafetensorsFile first) {
        Map<String, TensorSpec> tensors = new LinkedHashMap<>();
        for (TensorSpec spec : first.tensors()) {
            tensors.put(spec.name(), spec);
        }
        return new Layout(first.toString(), tensors);
    }

    /** The tensors in the first ingredient's file order. */
    List<TensorSpec> specs() {
        return List.copyOf(tensors.values());
    }

    void require(SafetensorsFile other) throws WeightsException {
        for (TensorSpec spec : tensors.values()) {
            TensorSpec theirs = other.tensor(spec.name())
                    .orElseThrow(() -> new WeightsException(
                            other.toString(),
                            "tensor '" + spec.name() + "' is missing; it is " + spec.layout() + " in " + source));
            if (!spec.sameLayout(theirs)) {
                throw new WeightsException(
                        other.toString(),
                        "tensor '" + spec.name() + "' is " + theirs.layout() + " but " + spec.layout() + " in "
                                + source);
            }
        }
        for (TensorSpec theirs : other.tensors()) {
            if (!tensors.containsKey(theirs.name())) {
                throw new WeightsException(
                        other.toString(),
                        "tensor '" + theirs.name() + "' is " + theirs.layout() + " but not in " + source);
            }
        }
    }
}
