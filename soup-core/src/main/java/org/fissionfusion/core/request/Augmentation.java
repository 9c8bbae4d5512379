package org.fissionfusion.core.request;

/** How training images are varied (method.md section 1). */
public enum Augmentation {
    NONE("none"),
    MINIMAL("minimal"),
    MEDIUM("medium"),
    HEAVY("heavy");

    private final String wireName;

    Augmentation(String wireName) {
        this.wireName = wireName;
    }

    /** The name in requests and ids. */
    public String wireName() {
        return wireName;
    }
}
