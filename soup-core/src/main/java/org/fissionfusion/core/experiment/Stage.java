package org.fissionfusion.core.experiment;

/** The stages of generation (method.md section 1). */
public enum Stage {
    LINEAR_PROBE("linear-probe"),
    FINE_TUNE("fine-tune"),
    FISSION("fission"),
    /** BatchNorm statistics of a soup, estimated anew on training data: nothing is learned. */
    BATCH_NORM("batch-norm");

    private final String wireName;

    Stage(String wireName) {
        this.wireName = wireName;
    }

    /** The name in results. */
    public String wireName() {
        return wireName;
    }
}
