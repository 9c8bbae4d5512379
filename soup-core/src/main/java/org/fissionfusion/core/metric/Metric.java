package org.fissionfusion.core.metric;

import java.util.Optional;

/** What a classifier is measured by. */
public enum Metric {
    ACCURACY("accuracy", true),
    MACRO_F1("macro-f1", true),
    MACRO_RECALL("macro-recall", true),
    QUADRATIC_KAPPA("quadratic-kappa", true),
    AUROC("auroc", true),
    /** Of findings: the mean AUROC of the five that CheXpert's competition scores. */
    COMPETITION_AUROC("competition-auroc", true),
    /** Of findings: the mean AUROC of those that five images or more of the set show. */
    FREQUENT_AUROC("frequent-auroc", true),
    LOG_LOSS("log-loss", false),
    ECE("ece", false),
    BRIER("brier", false);

    private final String wireName;
    private final boolean higherIsBetter;

    Metric(String wireName, boolean higherIsBetter) {
        this.wireName = wireName;
        this.higherIsBetter = higherIsBetter;
    }

    /** The name in requests, events and results. */
    public String wireName() {
        return wireName;
    }

    /** False for losses and errors. */
    public boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** The metric of this wire name, if it is one. */
    public static Optional<Metric> named(String wireName) {
        for (Metric metric : values()) {
            if (metric.wireName.equals(wireName)) {
                return Optional.of(metric);
            }
        }
        return Optional.empty();
    }
}
