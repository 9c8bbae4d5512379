package org.fissionfusion.vision.model;

/** How the activations of a convolutional network lie in memory. */
public enum MemoryFormat {
    /** N x C x H x W. */
    CONTIGUOUS("contiguous"),
    /** N x H x W x C, which many convolution kernels prefer; results differ in the last bits. */
    CHANNELS_LAST("channels-last");

    private final String wireName;

    MemoryFormat(String wireName) {
        this.wireName = wireName;
    }

    /** The name in requests. */
    public String wireName() {
        return wireName;
    }
}
