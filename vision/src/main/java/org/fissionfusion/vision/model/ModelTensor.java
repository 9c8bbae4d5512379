package org.fissionfusion.vision.model;

import org.fissionfusion.core.weights.TensorSpec;

/**
 * One tensor of an architecture.
 *
 * @param spec name (as torchvision, timm or the model's authors call it), float32, shape
 * @param head true for the classifier, which is replaced when the number of classes changes
 */
public record ModelTensor(TensorSpec spec, Kind kind, boolean head) {
    /** What a tensor is for. */
    public enum Kind {
        /** Matrices, kernels, embeddings: trained, always decayed. */
        WEIGHT,
        /** Additive terms: trained, spared from weight decay on request. */
        BIAS,
        /** Scale and shift of BatchNorm and LayerNorm: trained, spared from weight decay on request. */
        NORM,
        /** Running statistics: never trained by gradient. */
        BUFFER
    }

    public String name() {
        return spec.name();
    }

    /** True unless it is a buffer. */
    public boolean trained() {
        return kind != Kind.BUFFER;
    }
}
