package org.fissionfusion.core.experiment;

import java.math.BigDecimal;
import org.fissionfusion.core.request.Augmentation;

/** Ids are built from what they name, so that a repeated task has the same id. */
public final class Ids {
    private Ids() {}

    static String preflight(String experiment) {
        return experiment + "/preflight";
    }

    static String probe(String experiment, long seed) {
        return experiment + "/probe/seed=" + seed;
    }

    static String fineTune(String experiment, double learningRate, Augmentation augmentation, long seed) {
        return experiment + "/fine-tune/lr=" + rate(learningRate) + "/aug=" + augmentation.wireName() + "/seed=" + seed;
    }

    static String fission(String fineTuneId) {
        return fineTuneId + "/fission";
    }

    static String cycle(String fineTuneId, int cycle) {
        return fineTuneId + "/cycle=" + cycle;
    }

    /** A recipe names its soup so far, all but its last ingredient, so that its comparison needs no other key. */
    static String scoring(String experiment, Recipe recipe, boolean compared) {
        return experiment + (compared ? "/score/comparison/" : "/score/validation/") + recipe.key();
    }

    static String scoringSealed(String experiment, Recipe recipe) {
        return experiment + "/score/sealed/" + recipe.key();
    }

    /** The task that estimates a soup's BatchNorm statistics anew, and the weights that come of it. */
    static String batchNorm(String soupId) {
        return soupId + "/batch-norm";
    }

    static String batchNormFile(String soupId) {
        return batchNorm(soupId) + "/persist";
    }

    static String compare(String experiment) {
        return experiment + "/compare";
    }

    /** The shortest scientific form, e.g. 5e-4. */
    public static String rate(double learningRate) {
        BigDecimal exact = new BigDecimal(Double.toString(learningRate)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        return exact.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }
}
