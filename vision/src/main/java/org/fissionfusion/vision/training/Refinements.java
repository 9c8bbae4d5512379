package org.fissionfusion.vision.training;

import java.util.Optional;
import java.util.OptionalDouble;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.model.Computation;

/**
 * What a run may do beyond the paper's, all of it off by default.
 *
 * @param gradientClip greatest global norm of the gradients
 * @param accumulate number of parts a batch is computed in, one after the other, to save memory; BatchNorm sees parts
 * @param averageDecay decay of an exponential moving average of weights and buffers, which is then validated and saved
 * @param layerDecay factor of the rate from each layer to the one below it, as timm counts layers; 1 is off
 * @param balancedSampler true: an epoch draws its images with replacement, every class equally often
 */
public record Refinements(
        Computation computation,
        Objective objective,
        OptionalDouble gradientClip,
        int accumulate,
        OptionalDouble averageDecay,
        double layerDecay,
        boolean balancedSampler) {
    /** None: the paper's training. */
    public static final Refinements PAPER = new Refinements(
            Computation.PAPER, Objective.PAPER, OptionalDouble.empty(), 1, OptionalDouble.empty(), 1, false);

    public Refinements {
        require(objective.findings().isEmpty() || !balancedSampler, "balancedSampler of findings", balancedSampler);
        require(gradientClip.isEmpty() || gradientClip.getAsDouble() > 0, "gradientClip", gradientClip);
        require(accumulate >= 1, "accumulate", accumulate);
        require(averageDecay.isEmpty() || inside(averageDecay.getAsDouble()), "averageDecay", averageDecay);
        require(layerDecay > 0 && layerDecay <= 1, "layerDecay", layerDecay);
    }

    private static boolean inside(double decay) {
        return decay > 0 && decay < 1;
    }

    private static void require(boolean valid, String key, Object value) {
        if (!valid) {
            throw new IllegalArgumentException(key + ": " + value + " is out of range");
        }
    }

    /**
     * Variants of the cross-entropy.
     *
     * @param labelSmoothing part of the target spread over all classes
     * @param classWeighted images weigh N / (classes x images of their class)
     * @param logitAdjustment times the logarithm of the class frequencies is added to the logits while training
     * @param findings where images may show several findings: what is made of undecided ones. Each finding then has a
     *     binary cross-entropy, and the others must be off
     */
    public record Objective(
            double labelSmoothing, boolean classWeighted, double logitAdjustment, Optional<FindingsPolicy> findings) {
        public static final Objective PAPER = new Objective(0, false, 0);

        public Objective(double labelSmoothing, boolean classWeighted, double logitAdjustment) {
            this(labelSmoothing, classWeighted, logitAdjustment, Optional.empty());
        }

        public Objective {
            boolean plain = labelSmoothing == 0 && !classWeighted && logitAdjustment == 0;
            require(
                    findings.isEmpty() || plain,
                    "labelSmoothing, classWeighted, logitAdjustment of findings",
                    findings);
            require(labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", labelSmoothing);
            require(logitAdjustment >= 0 && logitAdjustment < 100, "logitAdjustment", logitAdjustment);
        }
    }
}
