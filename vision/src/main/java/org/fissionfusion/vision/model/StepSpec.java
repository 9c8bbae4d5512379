package org.fissionfusion.vision.model;

import java.util.List;

/**
 * What a training step does beside the network's own computation.
 *
 * @param groups of trained parameters, one or more
 * @param clips gradients are scaled down to a global norm
 * @param averages a moving average of the weights is kept
 * @param accumulates the gradients of several parts are summed before one update
 */
public record StepSpec(List<Group> groups, Loss loss, boolean clips, boolean averages, boolean accumulates) {
    /** Every parameter at the same rate and decay, on the mean cross-entropy: the paper's. */
    public static final StepSpec PAPER =
            new StepSpec(List.of(new Group(1, true)), new Loss(false, false, 0, false), false, false, false);

    public StepSpec {
        groups = List.copyOf(groups);
    }

    /**
     * Parameters that are updated alike.
     *
     * @param rateFactor of the step's learning rate
     * @param decays false: no weight decay
     */
    public record Group(double rateFactor, boolean decays) {}

    /**
     * Cross-entropy. The plain one is the mean over images; with any option, or in parts, it is the sum divided by a
     * number given with the step.
     *
     * @param classWeighted times the weight of the true class, as torch.nn.functional.cross_entropy has it
     * @param adjusted on logits plus the scaled logarithm of the class frequencies (Menon et al. 2021, equation 10)
     * @param smoothing part of the target spread over all classes
     * @param findings instead, the sum of binary cross-entropies with factors given with the step
     */
    public record Loss(boolean classWeighted, boolean adjusted, double smoothing, boolean findings) {
        boolean plain() {
            return !classWeighted && !adjusted && smoothing == 0;
        }
    }

    /** True when the loss is a sum over images, divided by the number given with the step. */
    public boolean sums() {
        return accumulates || !loss.plain();
    }
}
