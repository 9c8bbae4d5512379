package org.fissionfusion.vision.model;

/** In which numbers a training step computes; weights, moments and results are float32 in all of them. */
public enum Precision {
    /** Float32 throughout: the same seed, threads and engine give the same bits. */
    FP32("fp32"),
    /** Float32 whose products a CUDA device may round to TF32; on a CPU it is float32. */
    TF32("tf32"),
    /** Convolutions and matrix products in bfloat16; norms, statistics, softmax, logits and loss in float32. */
    BF16("bf16");

    private final String wireName;

    Precision(String wireName) {
        this.wireName = wireName;
    }

    /** The name in requests and in the lineage of checkpoints. */
    public String wireName() {
        return wireName;
    }
}
