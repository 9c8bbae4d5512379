package org.fissionfusion.core.request;

/** What must be true of the refinements of any request. */
final class RefinementRules {
    static final double BELOW_ONE = Math.nextDown(1.0);
    static final double MOST_LOGIT_ADJUSTMENT = 10;
    private static final String PROBABILITY = "allowed: a number from 0 to below 1";

    private RefinementRules() {}

    static void check(Refinements refinements) {
        Refinements.Regularisation some = refinements.regularisation();
        RequestRules.share("training.stochasticDepth", some.stochasticDepth(), BELOW_ONE, PROBABILITY);
        RequestRules.share("training.dropout", some.dropout(), BELOW_ONE, PROBABILITY);
        RequestRules.share("training.labelSmoothing", some.labelSmoothing(), BELOW_ONE, PROBABILITY);
        RequestRules.share(
                "training.logitAdjustment",
                refinements.balance().logitAdjustment(),
                MOST_LOGIT_ADJUSTMENT,
                "allowed: a number from 0 to 10");
        Refinements.Updates updates = refinements.updates();
        updates.gradientClip().ifPresent(norm -> RequestRules.positive("training.gradientClip", norm));
        RequestRules.within("training.accumulate", updates.accumulate(), 1, RequestRules.MOST_BATCH);
        updates.averageDecay()
                .ifPresent(decay -> RequestRules.require(
                        decay > 0 && decay < 1,
                        "training.averageDecay",
                        decay,
                        "allowed: a number above 0 and below 1"));
        RequestRules.require(
                updates.layerDecay() > 0 && updates.layerDecay() <= 1,
                "training.layerDecay",
                updates.layerDecay(),
                "allowed: a number above 0 and at most 1");
    }
}
