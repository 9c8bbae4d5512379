package org.fissionfusion.vision.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;

/** Seeded random weights: a new head, or a whole network to pretrain. */
public final class InitialWeights {
    private InitialWeights() {}

    /**
     * A network to train from nothing: He-normal kernels (residual networks) or a normal distribution of deviation 0.02
     * (transformers), norms at one and zero, the head as {@link #head}.
     */
    public static ModelWeights of(Architecture architecture, int classes, long seed) {
        boolean transformer = architecture.transformer();
        List<Tensor> tensors = new ArrayList<>();
        for (ModelTensor tensor : architecture.tensors(classes)) {
            SplitMix random = new SplitMix(SplitMix.hash(seed, tensor.name().hashCode()));
            tensors.add(
                    tensor.head()
                            ? head(tensor.spec(), architecture.features(), random)
                            : body(tensor, transformer, random));
        }
        return ModelWeights.of(architecture, classes, tensors);
    }

    /** One tensor of a head with torch.nn.Linear's distribution: uniform within one over the root of the inputs. */
    static Tensor head(TensorSpec spec, long inputs, SplitMix random) {
        double bound = 1 / Math.sqrt((double) inputs);
        return filled(spec, () -> (2 * random.nextDouble() - 1) * bound);
    }

    /** The seeded head of an architecture. */
    static Tensor head(Architecture architecture, TensorSpec spec, long seed) {
        return head(
                spec,
                architecture.features(),
                new SplitMix(SplitMix.hash(seed, spec.name().hashCode())));
    }

    private static Tensor body(ModelTensor tensor, boolean transformer, SplitMix random) {
        TensorSpec spec = tensor.spec();
        String name = spec.name();
        return switch (tensor.kind()) {
            case BIAS -> filled(spec, () -> 0);
            case NORM -> filled(spec, () -> name.endsWith(".weight") ? 1 : 0);
            case BUFFER -> filled(spec, () -> name.endsWith("running_var") ? 1 : 0);
            case WEIGHT -> {
                double deviation =
                        transformer ? 0.02 : Math.sqrt(2.0 * (double) spec.shape()[0] / (double) spec.elements());
                yield filled(spec, () -> random.nextGaussian() * deviation);
            }
        };
    }

    private static Tensor filled(TensorSpec spec, DoubleSupplier values) {
        MemorySegment bytes = Arena.ofAuto().allocate(spec.byteSize(), Float.BYTES);
        for (long i = 0; i < spec.elements(); i++) {
            bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values.getAsDouble());
        }
        return new Tensor(spec, bytes);
    }
}
