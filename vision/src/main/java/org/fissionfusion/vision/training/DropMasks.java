package org.fissionfusion.vision.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.SplitMix;

/**
 * Draws what a step drops. Not the engine's random numbers but these, because the engine has one generator for all
 * threads of a process: so several runs in a process, and a resumed one, drop what one run alone would.
 */
final class DropMasks {
    private final Computation computation;
    private final List<Double> branches;
    private final int features;

    DropMasks(Architecture architecture, Computation computation) {
        this.computation = computation;
        this.branches = architecture.branches(computation);
        this.features = architecture.features();
    }

    /** Adds the masks of a step to its weights. */
    void addTo(NDList inputs, NDManager memory, int images, long seed) {
        if (!branches.isEmpty()) {
            float[] factors = new float[branches.size() * images];
            SplitMix random = new SplitMix(SplitMix.hash(seed, 1));
            for (int i = 0; i < factors.length; i++) {
                factors[i] = factor(computation.stochasticDepth() * branches.get(i / images), random);
            }
            add(inputs, memory.create(factors, new Shape(branches.size(), images)), Architecture.PATH_MASK);
        }
        if (computation.dropout() > 0) {
            float[] factors = new float[images * features];
            SplitMix random = new SplitMix(SplitMix.hash(seed, 2));
            for (int i = 0; i < factors.length; i++) {
                factors[i] = factor(computation.dropout(), random);
            }
            add(inputs, memory.create(factors, new Shape(images, features)), Architecture.HEAD_MASK);
        }
    }

    /** Zero with this probability, else what keeps the mean. */
    private static float factor(double dropped, SplitMix random) {
        return random.nextDouble() < dropped ? 0 : (float) (1 / (1 - dropped));
    }

    private static void add(NDList inputs, NDArray mask, String name) {
        mask.setName("w." + name);
        inputs.add(mask);
    }
}
